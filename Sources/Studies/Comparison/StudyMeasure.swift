import Base
import Capture
import Foundation
import Measuring
import Models
import Shards
import Text
import Training

/// A held-out text, the teacher and the prompts that all students of a comparison meet.
final class StudyMeasure {
  /// The version of the measurement: figures of another version are made again.
  private static let version = "measure 4"

  /// The text's name and where it is.
  let set: HeldOutSet
  private let config: ComparisonConfig
  /// The teacher beside the students.
  let teacher: StudyTeacher
  private let heldOut: HeldOutData
  private let prompts: [String]
  /// Remarks on the text, each as one line.
  let notes: [String]
  /// SHA-256 of the text and the teacher, and of these and the prompts.
  private let text, inputs: String

  /// Opens and reads a text to measure with.
  ///
  /// - Parameters:
  ///   - set: The text.
  ///   - config: The comparison.
  ///   - checked: The runs, and what they train on: the text is to be apart from that.
  ///   - teacher: The teacher beside them.
  ///   - prompts: The beginnings that students continue.
  /// - Throws: `DocumentError`, `ShardError`, ``PreparationError``.
  init(
    _ set: HeldOutSet, _ config: ComparisonConfig, _ checked: CheckedRuns,
    beside teacher: StudyTeacher, prompts: [String]
  ) throws {
    self.set = set
    self.config = config
    self.teacher = teacher
    self.prompts = prompts
    let (checkpoint, tokenizer) = (teacher.checkpoint, teacher.tokenizer)
    let all = try HeldOutData(
      set.data, tokenizer: tokenizer,
      window: set.data.sequenceLength
        ?? min(
          checkpoint?.config.maxPositionEmbeddings ?? 512,
          checked.runs.map(\.student.maxPositionEmbeddings).min() ?? 512),
      tokens: set.tokens)
    let (heldOut, overlap) = try all.apart(
      from: checked.data, tokenizer: tokenizer, config.overlap, key: "overlap")
    let prompt = try prompts.map { try tokenizer?.encode($0).count ?? 0 }.max() ?? 0
    let context = try Self.contextNotes(
      config, heldOut, prompt: prompt,
      models: checked.runs.map { ("the student of '\($0.arm)'", $0.student) }
        + (checkpoint.map { [("the teacher \($0.path)", $0.config)] } ?? []))
    self.heldOut = heldOut
    let choices = try checked.choices.compactMap { try $0.note(heldOut, tokenizer) }
    notes = (overlap + context + choices).map { note in
      set.name.map { "\($0): \(note)" } ?? note
    }
    var digest = SequenceDigest()
    for sequence in try heldOut.sequences() { digest.append(sequence) }
    let measured = [
      Self.version, digest.hexadecimal(), teacher.fingerprint ?? "no teacher",
      try Self.targets(set.data),
    ]
    text = Digest(of: measured).hexadecimal
    inputs = Digest(of: measured + prompts).hexadecimal
  }

  /// Remarks on windows beyond the contexts of the models, each made once; prompts must be within
  /// them.
  private static func contextNotes(
    _ config: ComparisonConfig, _ heldOut: HeldOutData, prompt: Int,
    models: [(name: String, DecoderConfig)]
  ) throws -> [String] {
    let allowing = "beyond_context"
    let remedy: ContextRemedy =
      heldOut.areFragments
      ? .cache(allowing: "set \(allowing): true")
      : .key("data.sequence_length", allowing: allowing)
    var notes: [String] = []
    for (name, model) in models {
      let longest = try heldOut.longestContext(above: model.maxPositionEmbeddings)
      for (length, remedy) in [
        (longest, remedy), (prompt, ContextRemedy.key("prompts", allowing: allowing)),
      ] {
        let note = try model.contextNote(
          reading: length, name, isAllowed: config.beyondContext, remedy)
        if let note, !notes.contains(note) { notes.append(note) }
      }
    }
    return notes
  }

  /// A key that tells a cache's targets from those of another cache of the same text.
  private static func targets(_ data: DataConfig) throws -> String {
    guard case .cache(let path) = data.source else { return "\(data.groupKey ?? "")" }
    return try CacheReader(directory: URL(filePath: path)).manifest.targetsDigest()
  }

  /// The measurement of a finished run; `begin` is called where it has to be made.
  func final(_ run: StudyRun, begin: () -> Void) throws -> RunMeasurement {
    let checkpoint = try Checkpoint.open(run.model)
    let file = run.folder + "/" + set.fileName("measured")
    let key = Digest(of: [inputs, checkpoint.fingerprint]).hexadecimal
    if let found = RunMeasurement.read(file, key: key) { return found }
    begin()
    let measured = try measure(checkpoint, key: key, state: TrainingState(run.result))
    try measured.write(file)
    return measured
  }

  /// The measurement of a run as it was after a step, or of the weights that it would keep there; nil
  /// where the run went on without one.
  ///
  /// The checkpoint of that step is gone when the run is later resumed, so that the key cannot
  /// hold its bytes; they are a function of the run's config and inputs, which its folder pins.
  /// Nor does it hold the prompts, by which no arm is judged.
  func atStep(_ step: Int, of run: StudyRun, begin: () -> Void) throws -> RunMeasurement? {
    // One that has ended by its own rule stays as it is.
    if let result = run.result, run.isStoppedEarly, result.steps <= step {
      return try final(run, begin: begin)
    }
    let file = run.folder + "/measured-\(step).json"
    let key = Digest(of: [text, "step \(step)"]).hexadecimal
    if let found = RunMeasurement.read(file, key: key) { return found }
    guard let saved = run.checkpoint(at: step) else { return nil }
    begin()
    try requireSound(saved)
    let bytes = try OpenedFile(reading: saved.path + "/state.json").readAll()
    guard let state = try? JSONDecoder().decode(TrainingState.self, from: Data(bytes))
    else { throw RunError.corrupt(path: saved.path, reason: "its state cannot be read") }
    let best = state.best.map { run.weights(of: $0) }
    if let best { try requireSound(best) }
    let measured = try measure(
      try Checkpoint.open((best ?? saved).path + "/model"), key: key, state: state)
    try measured.write(file)
    return measured
  }

  private func requireSound(_ checkpoint: RunCheckpoint) throws(RunError) {
    do { try checkpoint.requireSound(run: nil) } catch {
      throw .corrupt(path: checkpoint.path, reason: "\(error)")
    }
  }

  /// The teacher's own figures and texts, kept in the comparison's folder.
  func teacherMeasurement() throws -> RunMeasurement? {
    guard teacher.checkpoint != nil else { return nil }
    let file = config.output + "/" + set.fileName("teacher")
    let key = Digest(of: [inputs, "teacher"]).hexadecimal
    if let found = RunMeasurement.read(file, key: key) { return found }
    guard let decoder = try teacher.opened() else { return nil }
    let measured = RunMeasurement(
      key: key, state: TrainingState(),
      evaluation: try Evaluator(decoder).evaluate(try heldOut.sequences()),
      samples: try samples(decoder, teacher.tokenizer))
    try measured.write(file)
    return measured
  }

  private func measure(
    _ checkpoint: Checkpoint, key: String, state: TrainingState
  ) throws -> RunMeasurement {
    let checkpoint = checkpoint.withoutPadding(teacher.tokenizer).checkpoint
    let student = try Models.Decoder(checkpoint)
    return RunMeasurement(
      key: key, state: state,
      evaluation: try heldOut.evaluate(student, teacher: try teacher.opened()),
      samples: try samples(student, try checkpoint.tokenizer() ?? teacher.tokenizer))
  }

  /// The bytes that measuring a student takes, the teacher beside it.
  func neededBytes(_ student: DecoderConfig) -> Int {
    MemoryNeed.evaluation(
      [student] + [teacher.checkpoint?.config].compactMap { $0 }, window: heldOut.longestWindow,
      at: heldOut.windowCount)
  }

  /// The predictions that a student is measured on.
  var predictionCount: Int { heldOut.predictionCount }

  /// The greedy continuations of the prompts.
  private func samples(
    _ model: Models.Decoder, _ tokenizer: Tokenizer?
  ) throws -> [TextSample] {
    guard let tokenizer else { return [] }
    return try prompts.compactMap { prompt in
      let ids = try tokenizer.encode(prompt)
      guard !ids.isEmpty else { return nil }
      let room = config.beyondContext ? 32 : model.config.maxPositionEmbeddings + 1 - ids.count
      let generated = try TextGenerator(model).continuation(
        of: ids, limit: max(1, min(32, room)), ends: tokenizer.roles.ends.map(Int.init))
      return TextSample(
        prompt: prompt, text: tokenizer.decode(ids + generated, skippingSpecialTokens: true))
    }
  }
}

extension ChoosingText {
  /// A remark on arms that choose by text that all are measured on; nil where there is none.
  fileprivate func note(_ heldOut: HeldOutData, _ tokenizer: Tokenizer?) throws -> String? {
    let overlap = try HeldOutOverlap(of: heldOut, in: [text], tokenizer: tokenizer)
    let others = arms.count > 3 ? " and \(arms.count - 3) more" : ""
    return overlap.sharedText.map {
      "evaluation: \($0) also in the text by which evaluation.keep: best chooses, which flatters "
        + arms.prefix(3).map { "'\($0)'" }.joined(separator: ", ") + others
    }
  }
}

extension TrainingState {
  /// The state of training at which a finished run stood.
  fileprivate init(_ result: RunManifest.Result?) {
    self.init()
    guard let result else { return }
    step = result.steps
    tokens = result.tokens
    seconds = result.seconds
    lastLoss = result.finalLoss
    best = result.best
  }
}
