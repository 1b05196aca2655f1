import Capture
import Foundation
import Measuring
import Models
import Reports
import Shards
import Tensors
import Text
import Training

/// A teacher, its data and the settings of a capture, opened and checked.
struct OpenCapture {
  /// The teacher's file.
  let checkpoint: Checkpoint
  /// The teacher, with its weights.
  let teacher: Teacher
  /// The sequences.
  let data: PackedData
  /// What kind of token each id is.
  let kinds: [UInt8]
  /// The settings; a budget has found its τ only after ``Engine/spend(_:in:)``.
  var capture: CaptureConfig
}

extension Engine {
  /// Opens what a capture reads.
  ///
  /// `choose` is given what reads the texts, but for those that are known.
  static func open(
    _ request: CaptureRequest,
    choose: (_ read: (KnownDocuments?) throws -> PackedData) throws -> PackedData = { try $0(nil) }
  ) throws -> OpenCapture {
    let options = request.options
    guard options.precision.isSupported else {
      throw PreparationError.noBfloat16(remedy: "leave out --precision")
    }
    let padded = try Checkpoint.open(request.teacher)
    guard let tokenizer = try padded.tokenizer() else {
      throw PreparationError.noTokenizer(path: request.teacher)
    }
    let checkpoint = withoutPadding(padded, tokenizer)
    let length = options.sequenceLength ?? min(512, checkpoint.config.maxPositionEmbeddings)
    let data = try choose { try request.data.load(tokenizer, length: length, leavingOut: $0) }
    Console.note(data)
    let longest = data.sequences.longestContext
    let note = try checkpoint.config.contextNote(
      reading: longest, "the teacher \(request.teacher)",
      isAllowed: options.context.beyondContext, .option("--sequence-length"))
    if let note { Console.warning(note) }
    let teacher = try teacher(
      checkpoint, precision: options.precision, streaming: options.streamLayers,
      beside: MemoryNeed.capture(
        checkpoint.config, length: data.sequences.map(\.predictionCount).max() ?? 0,
        codec: options.cacheCodec, draws: options.draws))
    var capture = CaptureConfig(
      codec: options.cacheCodec, vocabularySize: checkpoint.config.vocabSize,
      sequenceLength: length, sequencesPerShard: options.sequencesPerShard ?? 64,
      seed: UInt64(options.seed), draws: options.draws,
      teacher: .init(name: request.teacher, fingerprint: checkpoint.fingerprint),
      tokenizerSHA256: tokenizer.fingerprint, dataFingerprint: data.fingerprint,
      bosAdded: request.data.bos, eosAdded: request.data.eos,
      arithmetic: CaptureConfig.arithmetic(options.precision))
    capture.budget = options.budget
    capture.teacherContext = note == nil ? nil : checkpoint.config.maxPositionEmbeddings
    return OpenCapture(
      checkpoint: checkpoint, teacher: teacher, data: data,
      kinds: tokenizer.kinds(vocabularySize: capture.vocabularySize), capture: capture)
  }

  /// Finds the τ of a capture with a budget; an unfinished cache of this capture has found it.
  ///
  /// The directory is where the cache is or will be; nil where none is made.
  static func spend(_ open: inout OpenCapture, in directory: URL?) throws {
    guard let budget = open.capture.budget else { return }
    if let found = try directory.flatMap({ try open.capture.thresholdFound(in: $0) }) {
      open.capture.codec = open.capture.codec.with(threshold: found)
      return
    }
    let line = ProgressLine("looking for τ", total: nil, unit: "tokens")
    let found = try ThresholdBudget(
      teacher: open.teacher, sequences: open.data.sequences, capture: open.capture,
      kinds: open.kinds
    ).threshold(budget) { line.update(done: $0) }
    line.finish()
    open.capture.codec = open.capture.codec.with(threshold: found)
    Console.note("τ = \(found) keeps to \(budget.words)")
  }
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
