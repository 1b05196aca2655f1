import Foundation
public import Models
public import Shards
public import Text

/// Held-out windows of text and, where a cache gave them, a teacher's targets.
public struct HeldOutData {
  /// The windows, each within one document or cached as it is.
  public let windows: [PackedSequence]
  /// The teacher's targets for each window, if there are any.
  public let targets: [Targets]?
  private let codec: CacheCodec?

  /// Reads what a config names, up to a number of predictions.
  ///
  /// - Parameters:
  ///   - data: What to read.
  ///   - tokenizer: What makes tokens of text.
  ///   - window: The most predictions of a window, where the config does not say.
  ///   - vocabulary: The size that a cache's vocabulary must have; nil takes any.
  ///   - tokens: The most predictions, before what the config says.
  /// - Throws: `DocumentError`, `ShardError`, ``PreparationError``.
  public init(
    _ data: DataConfig, tokenizer: Tokenizer?, window: Int, vocabulary: Int? = nil,
    tokens: Int? = nil
  ) throws {
    let limit = tokens ?? data.tokens
    switch data.source {
    case .paths:
      var limited = data
      limited.tokens = limit
      let length = data.sequenceLength ?? window
      windows = try limited.load(tokenizer, length: length, documentsApart: true).sequences
      (targets, codec) = (nil, nil)
    case .cache(let path):
      let cache = try CacheReader(directory: URL(filePath: path))
      let found = cache.manifest.capture.vocabularySize
      if let vocabulary, vocabulary != found {
        throw PreparationError.vocabulary(student: vocabulary, cache: found, path: path)
      }
      self = try HeldOutData(cache, tokens: limit)
    }
  }

  /// The sequences of a cache with their targets, up to a number of predictions.
  public init(_ cache: CacheReader, tokens: Int? = nil) throws {
    var (windows, targets, count) = ([PackedSequence](), [Targets](), 0)
    for index in 0..<cache.count where count < tokens ?? .max {
      let cached = try cache.sequence(at: index)
      windows.append(PackedSequence(cached.text))
      targets.append(cached.targets)
      count += cached.text.recordCount
    }
    (self.windows, self.targets) = (windows, targets)
    codec = cache.manifest.capture.codec
  }

  /// Scores a model on them.
  public func evaluate(
    _ model: Models.Decoder, progress: (_ tokens: Int) -> Void = { _ in }
  ) throws -> EvaluationReport {
    try Evaluator(model, against: reference).evaluate(windows, progress: progress)
  }

  private var reference: Evaluator.Reference {
    guard let targets, let codec else { return .text }
    return .stored(
      targets, threshold: codec.exactAbove, temperature: Float(codec.temperature))
  }
}

extension CacheCodec {
  /// The probability above which stored entries are exact, but for rounding; nil where none are.
  var exactAbove: Float? {
    switch self {
    case .threshold(let threshold, _): Float(threshold)
    case .topk, .dense: 0
    case .sample: nil
    }
  }
}

extension DataConfig {
  /// Reads, tokenises and packs the texts; with `documentsApart`, a sequence holds one document.
  ///
  /// - Throws: `DocumentError`, ``PreparationError``.
  public func load(
    _ tokenizer: Tokenizer?, length: Int?, documentsApart: Bool = false
  ) throws -> PackedData {
    guard case .paths(let paths) = source else { throw PreparationError.noData }
    guard let tokenizer else { throw PreparationError.noTokenizer(path: paths[0]) }
    if bos, tokenizer.bosTokenID == nil { throw PreparationError.noSpecialToken(role: "bos") }
    if eos, tokenizer.eosTokenID == nil { throw PreparationError.noSpecialToken(role: "eos") }
    return try PackedData.load(
      paths: paths, tokenizer: tokenizer, length: length ?? 512, split: split,
      heldOutFraction: heldOut, textKey: textKey, bos: bos ? tokenizer.bosTokenID : nil,
      eos: eos ? tokenizer.eosTokenID : nil, tokenLimit: tokens, documentsApart: documentsApart)
  }
}
