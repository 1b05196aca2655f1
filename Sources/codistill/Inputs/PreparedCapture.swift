import Capture
import Foundation
import Models
import Reports
import Shards
import Tensors
import Text
import Training

/// A teacher, its data and the settings of a capture, opened and checked.
struct PreparedCapture {
  /// The teacher's file.
  let checkpoint: Checkpoint
  /// The teacher, with its weights.
  let teacher: Teacher
  /// The sequences.
  let data: PackedData
  /// The kind of token that each id is.
  let kinds: [UInt8]
  /// The settings; a budget has found its τ only after ``findThreshold(in:)``.
  var config: CaptureConfig

  /// Opens the inputs of a capture.
  ///
  /// `choose` is given the function that reads the texts, leaving out those that are known.
  init(
    _ inputs: CaptureInputs, _ options: CaptureOptions,
    choose: (_ read: (KnownDocuments?) throws -> PackedData) throws -> PackedData = { try $0(nil) }
  ) throws {
    guard options.precision.isSupported else {
      throw PreparationError.noBfloat16(remedy: "leave out --precision")
    }
    let padded = try Checkpoint.open(inputs.teacher)
    guard let tokenizer = try padded.tokenizer() else {
      throw PreparationError.noTokenizer(path: inputs.teacher)
    }
    checkpoint = padded.cut(to: tokenizer)
    let length = options.sequenceLength ?? min(512, checkpoint.config.maxPositionEmbeddings)
    data = try choose { try inputs.data.load(tokenizer, length: length, leavingOut: $0) }
    Console.note(data)
    let note = try checkpoint.config.contextNote(
      reading: data.sequences.longestContext, "the teacher \(inputs.teacher)",
      isAllowed: options.context.beyondContext, .option("--sequence-length"))
    if let note { Console.warning(note) }
    teacher = try .open(
      checkpoint, precision: options.precision, streaming: options.streamLayers,
      beside: MemoryNeed.capture(
        checkpoint.config, length: data.sequences.map(\.predictionCount).max() ?? 0,
        codec: options.cacheCodec, draws: options.draws))
    config = CaptureConfig(
      codec: options.cacheCodec, vocabularySize: checkpoint.config.vocabSize,
      sequenceLength: length, sequencesPerShard: options.sequencesPerShard ?? 64,
      seed: UInt64(options.seed), draws: options.draws,
      teacher: .init(name: inputs.teacher, fingerprint: checkpoint.fingerprint),
      tokenizerSHA256: tokenizer.fingerprint, dataFingerprint: data.fingerprint,
      bosAdded: inputs.data.bos, eosAdded: inputs.data.eos,
      arithmetic: CaptureConfig.arithmetic(options.precision))
    config.budget = options.budget
    config.teacherContext = note == nil ? nil : checkpoint.config.maxPositionEmbeddings
    kinds = tokenizer.kinds(vocabularySize: checkpoint.config.vocabSize)
  }

  /// Finds the τ of a capture with a budget; an unfinished cache of this capture has found it.
  ///
  /// The directory is where the cache is or will be; nil where none is made.
  mutating func findThreshold(in directory: URL?) throws {
    guard let budget = config.budget else { return }
    if let found = try directory.flatMap({ try config.thresholdFound(in: $0) }) {
      config.codec = config.codec.with(threshold: found)
      return
    }
    let line = ProgressLine("looking for τ", total: nil, unit: "tokens")
    let found = try ThresholdBudget(
      teacher: teacher, sequences: data.sequences, capture: config, kinds: kinds
    ).threshold(budget) { line.update(done: $0) }
    line.finish()
    config.codec = config.codec.with(threshold: found)
    Console.note("τ = \(found) keeps to \(budget.words)")
  }
}

extension PreparedCapture {
  /// The builder of the capture's cache, which works until the user interrupts it.
  func builder(
    progress: @escaping (CacheBuilder.Progress) -> Void = { _ in }
  ) -> CacheBuilder {
    CacheBuilder(
      teacher: teacher, sequences: data.sequences, capture: config, kinds: kinds,
      isInterrupted: { Interruption.isRequested }, progress: progress)
  }
}

/// The inputs of a capture: the model that speaks, and the texts.
typealias CaptureInputs = (teacher: String, data: DataConfig)

extension CaptureOptions {
  /// The inputs that a command line names, all of them there.
  ///
  /// Throws: `missingInput`.
  func inputs(_ teacher: String, _ texts: DataOptions) throws -> CaptureInputs {
    try InputPath.require(teacher, remedy: "check --teacher")
    let data = try texts.config(
      defaultSplit: .train, sequenceLength: sequenceLength, tokens: tokens)
    guard let data else { throw CommandError.missingInput(path: "--data", remedy: "name a text") }
    return (try Checkpoint.path(ofModel: teacher), data)
  }
}

extension Teacher {
  /// The teacher of a checkpoint: in memory where it fits, otherwise (or when `streaming` is asked
  /// for) layer by layer from its file, of which standard error tells.
  ///
  /// `beside` is the memory for what is done with it.
  ///
  /// Throws: `CheckpointError` where a weight is missing or cannot be read.
  static func open(
    _ checkpoint: Checkpoint, precision: Precision, streaming: Bool, beside: Int
  ) throws -> Teacher {
    let usable = MemoryFacts.current.usable
    let needed = MemoryNeed.weights(checkpoint.config) + beside
    guard streaming || needed > usable else {
      var decoder = try Decoder(checkpoint)
      decoder.precision = precision
      return .resident(decoder)
    }
    var decoder = try StreamedDecoder(checkpoint)
    try MemoryShortage.check(
      "this capture, with a layer of the teacher at a time,",
      needs: 4 * decoder.largestPart + beside, of: usable)
    decoder.precision = precision
    let teacher = Teacher.streamed(decoder)
    Terminal.tell(
      "running the teacher from its file, layer by layer over \(teacher.sequencesPerBatch) "
        + "sequences: in memory it takes \(Figures.bytes(needed)) of \(Figures.bytes(usable))")
    return teacher
  }
}

extension PresentMarks {
  /// The documents that began with BOS where --bos asked for one; nil where there were none.
  var bosAlreadyThere: Int? { bos > 0 ? bos : nil }
  /// The documents that ended with an end token where --eos asked for one; nil where there were
  /// none.
  var eosAlreadyThere: Int? { eos > 0 ? eos : nil }
}

extension CacheCodec {
  /// The same with another τ.
  fileprivate func with(threshold: Double) -> CacheCodec {
    .threshold(threshold: threshold, temperature: temperature)
  }
}

extension CaptureBudget {
  /// The budget for people.
  var words: String {
    switch self {
    case .entriesPerToken(let entries): "\(entries) entries a token"
    case .bytesPerToken(let bytes): "\(bytes) bytes a token"
    }
  }
}

extension Console {
  /// Notes what was left out of the data, where anything was.
  fileprivate static func note(_ data: PackedData) {
    if let passedOver = data.passedOverNote { note(passedOver) }
    let parts =
      [
        (data.duplicatesDropped, "exact copies"), (data.outsideSplit, "of the other split"),
        (data.beyondLimit, "beyond the limit, by hash"), (data.tooShort, "too short"),
        (data.emptyDocuments, "empty"),
        (data.emptyFiles, "empty files"),
      ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
      + (data.uncounted.count > 0 ? [data.uncounted.description] : [])
    let left = parts.isEmpty ? "" : "; left out: " + parts.joined(separator: ", ")
    Terminal.tell(
      "\(data.documentCount) documents, \(Figures.count(data.predictionCount)) predictions\(left)")
    if let note = data.present.note { Console.note(note) }
  }
}
