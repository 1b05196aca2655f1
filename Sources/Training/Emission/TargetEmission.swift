package import Base
import Capture
import Foundation
import Models
import Shards
import Tensors
import Text

/// The cache of a teacher's own training: its forward passes become targets on the way.
///
/// The hidden states of a training step are those that the loss projects; projecting them once more
/// and sampling is all that the cache costs. The sequences wait in the run's folder until the
/// training is over, because the teacher that the cache names exists only then, and because coding
/// tables must be calibrated on the whole of the training, not on its near uniform beginning.
final class TargetEmission {
  private static let place = "emitted.json"

  private let config: EmissionConfig
  private let capture: CaptureConfig
  private let firstStep, sequencesPerStep: Int
  private let spool: SequenceSpool
  private let files: RunFiles
  /// The frames of a step that is not made yet.
  private var frames: [EncodedFrame] = []
  private var failure: (any Error)?

  /// An emission of a run in a folder; `capture` lacks the fingerprints of teacher and data.
  ///
  /// - Throws: `EmissionError.occupied` where the cache's folder holds something.
  init(
    _ config: RunConfig, _ emission: EmissionConfig, folder: String, capture: CaptureConfig,
    kinds: [UInt8]?
  ) throws {
    self.config = emission
    self.capture = capture
    files = RunFiles(folder: folder)
    firstStep = emission.firstStep(of: config.training.steps)
    sequencesPerStep = config.training.batchSize * config.training.gradientAccumulationSteps
    if !FileManager.default.fileExists(atPath: files.emissionMark) {
      try Self.makeEmpty(emission.path)
    }
    spool = try SequenceSpool(path: files.emitted, capture: capture, kinds: kinds)
  }

  /// Makes the cache's folder before the run begins; throws unless it is free and can be made.
  static func requireRoom(for config: RunConfig) throws {
    guard let emission = config.emission else { return }
    let (place, run) = (path(emission.path), path(config.output))
    guard place != run, !place.hasPrefix(run + "/") else {
      throw EmissionError.insideRun(path: emission.path, run: config.output)
    }
    guard !FileManager.default.fileExists(atPath: RunFiles(folder: config.output).manifest) else {
      return
    }
    try makeEmpty(emission.path)
  }

  /// A path without links and dots, from the root.
  private static func path(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
  }

  /// Makes a folder; throws unless it is absent or empty, for a cache there would be of another
  /// run.
  private static func makeEmpty(_ path: String) throws {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    if let found = names.min() { throw EmissionError.occupied(path: path, found: found) }
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    if exists, !isFolder.boolValue {
      throw EmissionError.occupied(path: path, found: "a file")
    }
    try Folder.make(path)
  }

  /// Whether the forward passes of a step, counted from 0, are stored.
  func includes(step: Int) -> Bool { step >= firstStep }

  // MARK: - Steps

  /// Turns the hidden states (N, D) of a micro-batch into targets.
  ///
  /// Errors are thrown by `commitStep()`: a step cannot be left in the middle.
  func observe(_ sequences: [PackedSequence], _ hidden: Tensor, of teacher: Models.Decoder) {
    guard failure == nil else { return }
    let first = spool.position.sequences + frames.count
    let rows = sequences.rows
    do {
      frames += try Parallel.map(sequences.count) { index in
        try frame(sequences[index], ordinal: first + index, hidden, rows[index], teacher)
      }
    } catch { failure = error }
  }

  private func frame(
    _ sequence: PackedSequence, ordinal: Int, _ hidden: Tensor, _ rows: Range<Int>,
    _ teacher: Models.Decoder
  ) throws -> EncodedFrame {
    let text = SequenceTokens(sequence, ordinal: ordinal)
    var maker = try TargetMaker(
      codec: capture.codec, vocabulary: teacher.config.vocabSize, seed: capture.seed,
      draws: capture.draws)
    var targets = maker.noRows(sequence, identity: text.identity)
    try teacher.forEachLogits(of: hidden, rows: rows) { try maker.append($0, to: &targets) }
    return try spool.codec.encode(CachedSequence(text: text, draws: targets.draws))
  }

  /// Stores what the micro-batches of a step gave.
  ///
  /// - Throws: `ShardError` where a logit was no number or nothing can be written.
  func commitStep() throws {
    if let failure { throw failure }
    try spool.append(frames)
    frames = []
  }

  // MARK: - Checkpoints

  /// Writes the spool's position into a checkpoint's folder, once all before it is on the disk.
  func save(to folder: String) throws {
    try spool.synchronize()
    try AtomicFile.write(JSONEncoder().encode(spool.position), to: folder + "/" + Self.place)
  }

  /// Goes on from where a checkpoint was written.
  func restore(from folder: String) throws {
    let data = Data(try OpenedFile(reading: folder + "/" + Self.place).readAll())
    try spool.continue(from: JSONDecoder().decode(SequenceSpool.Position.self, from: data))
  }

  /// Begins anew, without any checkpoint.
  func restart() throws { try spool.continue(from: .start) }

  // MARK: - The end

  /// Writes the cache that names the trained teacher; nil where the training ended before the first
  /// sequence.
  ///
  /// - Parameters:
  ///   - teacher: The folder of the trained model.
  ///   - steps: The updates that it had in all.
  /// - Returns: The cache's manifest.
  /// - Throws: `ShardError`; the same command then goes on from the last checkpoint.
  func finish(teacher: String, steps: Int) throws -> CacheManifest? {
    guard spool.position.sequences > 0 else { return nil }
    var capture = capture
    capture.teacher = CaptureConfig.Teacher(
      name: teacher, fingerprint: try Checkpoint.open(teacher).fingerprint)
    capture.maturity = TeacherMaturity(
      firstStep: firstStep, sequencesPerStep: sequencesPerStep, steps: steps)
    try AtomicFile.write(config.path + "\n", to: files.emissionMark)
    return try spool.writeCache(
      to: URL(filePath: config.path), capture: capture, threads: Parallel.threadCount)
  }

  /// Removes from a run's folder what was only needed until the run was recorded as finished.
  static func removeLeftovers(in folder: String) {
    let files = RunFiles(folder: folder)
    unlink(files.emitted)
    unlink(files.emissionMark)
  }
}

extension [PackedSequence] {
  /// The rows of a batch of these sequences that belong to each of them.
  var rows: [Range<Int>] {
    var next = 0
    return map { sequence in
      defer { next += sequence.predictionCount }
      return next..<(next + sequence.predictionCount)
    }
  }
}

/// The reason why a training cannot write the cache that it was asked for.
package enum EmissionError: Error, Equatable, CustomStringConvertible {
  /// The folder of the cache holds something already.
  case occupied(path: String, found: String)
  /// The folder of the cache would lie in the run's.
  case insideRun(path: String, run: String)
  /// No tokenizer says what the tokens mean.
  case noTokenizer(path: String)

  /// One line: what, where, what to do.
  package var description: String {
    switch self {
    case .occupied(let path, let found):
      "\(path): holds \(found); emit_cache needs a folder that is empty or not there yet"
    case .insideRun(let path, let run):
      "\(path): lies in the run's folder \(run); emit_cache needs a folder of its own"
    case .noTokenizer(let path):
      "\(path): cannot be written without a tokenizer; name a tokenizer.json with tokenizer"
    }
  }
}

extension EmissionError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .occupied, .insideRun: .cannotCreate
    case .noTokenizer: .badConfig
    }
  }
}
