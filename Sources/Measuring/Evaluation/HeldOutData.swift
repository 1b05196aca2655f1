import Base
package import Capture
import Foundation
package import Models
package import Shards
package import Text

/// Held-out windows of text and, where a cache gave them, a teacher's targets.
///
/// A cache's sequences are read when they are scored, so that it may be of any size.
package struct HeldOutData {
  /// The windows, each within one document or cached as it is.
  private let windows: TrainingData
  /// The numbers of those that are scored.
  private var numbers: [Int]
  /// The predictions of these windows.
  package private(set) var predictionCount: Int
  /// The documents that had their marks already.
  package let present: PresentMarks
  /// The files of folders that describe the texts and are no part of them.
  package private(set) var passedOver: [String] = []
  private let codec: CacheCodec?
  /// The digest that identifies the windows and, of a cache, the targets.
  package private(set) var fingerprint: String

  /// Reads what a config names, up to a number of predictions: of text the documents of the least
  /// hashes, of a cache the sequences.
  ///
  /// - Parameters:
  ///   - data: The data to read.
  ///   - tokenizer: The tokenizer of the text.
  ///   - window: The most predictions of a window, where the config does not say.
  ///   - vocabulary: The size that a cache's vocabulary must have; nil takes any.
  ///   - tokens: The most predictions, before what the config says.
  /// - Throws: `DocumentError`, `ShardError`, ``PreparationError``.
  package init(
    _ data: DataConfig, tokenizer: Tokenizer?, window: Int, vocabulary: Int? = nil,
    tokens: Int? = nil
  ) throws {
    let limit = tokens ?? data.tokens
    switch data.source {
    case .paths:
      var limited = data
      limited.tokens = limit
      let length = data.sequenceLength ?? window
      let packed = try limited.load(tokenizer, length: length, documentsApart: true)
      let loaded = packed.sequences
      present = packed.present
      passedOver = packed.passedOver
      fingerprint = packed.fingerprint
      windows = .text(loaded)
      numbers = Array(loaded.indices)
      codec = nil
      predictionCount = loaded.reduce(0) { $0 + $1.predictionCount }
    case .cache(let path):
      let cache = try CacheReader(directory: URL(filePath: path))
      try cache.requireMatch(vocabulary: vocabulary, tokenizer: tokenizer, path: path)
      self = try HeldOutData(cache, tokens: limit)
    }
  }

  /// The sequences of a cache with their targets, whole ones of about a number of predictions.
  ///
  /// With a limit they are those of the least identities, which are hashes: spread over the cache,
  /// and all among those of a larger limit.
  package init(_ cache: CacheReader, tokens: Int? = nil) throws {
    windows = .cached(cache)
    present = PresentMarks()
    codec = cache.manifest.capture.codec
    // What a limit leaves of a cache is a function of the cache and the limit.
    fingerprint =
      Digest(of: [
        cache.manifest.capture.dataFingerprint, try cache.manifest.targetsDigest(),
      ]).hexadecimal
    guard let tokens, tokens < cache.manifest.tokens else {
      numbers = Array(0..<cache.count)
      predictionCount = cache.manifest.tokens
      return
    }
    let identities = try (0..<cache.count).map { try cache.identity(at: $0) }
    var (chosen, sum) = ([Int](), 0)
    for number in identities.indices.sorted(by: { (identities[$0], $0) < (identities[$1], $1) }) {
      guard sum < tokens else { break }
      chosen.append(number)
      sum += try cache.recordCount(at: number)
    }
    numbers = chosen.sorted()
    predictionCount = sum
  }

  /// The windows without targets, all at once.
  ///
  /// - Throws: `ShardError` where a cache is damaged.
  package func sequences() throws -> [PackedSequence] {
    if case .cached(let cache) = windows {
      return try numbers.map { PackedSequence(try cache.text(at: $0)) }
    }
    return try numbers.map { try windows.sample($0).sequence }
  }

  /// The scored windows as data to look other texts up in.
  ///
  /// - Throws: `ShardError` where a cache is damaged.
  package func data() throws -> TrainingData {
    if case .cached(let cache) = windows, numbers.count == cache.count {
      return .cachedTokens(cache)
    }
    return .text(try sequences())
  }

  /// The most tokens that a model reads at once, or any number up to a limit where that is as much.
  package func longestContext(above limit: Int) throws -> Int {
    try windows.longestContext(above: limit)
  }

  /// The windows that are scored.
  package var windowCount: Int { numbers.count }

  /// The most predictions of a window; of a cache, those that one may have.
  package var longestWindow: Int { windows.longestSequence }

  /// Whether each text is a cache's sequence, which may hold parts of documents, not a document.
  package var areFragments: Bool { codec != nil }

  /// The tokens of each text, in parts that stand for themselves, and where it is from.
  func texts() throws -> [(name: String, parts: [[Int32]])] {
    try windowsOfTexts().map { windows in
      var (unpacker, parts, name) = (SequenceUnpacker(), [[Int32]](), "")
      for (index, window) in windows.enumerated() {
        let sequence = try self.windows.sample(numbers[window]).sequence
        if index == 0 { name = sequence.origin?.source ?? "number \(numbers[window])" }
        parts += unpacker.append(tokens: sequence.tokens, fragments: sequence.fragments)
      }
      return (name, parts + [unpacker.finish()].compactMap { $0 })
    }
  }

  /// The evaluation without some of its texts.
  func without(texts numbers: [Int]) throws -> HeldOutData {
    let (left, removed) = (try windowsOfTexts(), Set(numbers))
    var data = self
    data.numbers = left.indices.filter { !removed.contains($0) }
      .flatMap { left[$0].map { self.numbers[$0] } }
    data.predictionCount = try data.numbers.reduce(0) {
      $0 + (try windows.sample($1).sequence.predictionCount)
    }
    data.fingerprint = Digest(of: [fingerprint] + data.numbers.map(String.init)).hexadecimal
    return data
  }

  /// The windows of each text, by their places among those that are scored.
  private func windowsOfTexts() throws -> [[Int]] {
    guard case .text(let sequences) = windows else { return numbers.indices.map { [$0] } }
    var (texts, last) = ([[Int]](), Int?.none)
    for (place, number) in numbers.enumerated() {
      let origin = sequences[number].origin?.index
      if let origin, origin == last {
        texts[texts.count - 1].append(place)
      } else {
        texts.append([place])
      }
      last = origin
    }
    return texts
  }

  /// Scores a model on them, against a teacher that runs beside it or else the stored targets.
  package func evaluate(
    _ model: Models.Decoder, teacher: Models.Decoder? = nil,
    progress: (_ tokens: Int) -> Void = { _ in }
  ) throws -> EvaluationReport {
    try Evaluator(model, against: teacher.map { .live($0) } ?? reference)
      .evaluate(
        count: numbers.count, read: { try windows.sample(numbers[$0]) }, progress: progress)
  }

  private var reference: Evaluator.Reference {
    guard let codec else { return .text }
    return .sampled(threshold: codec.exactAbove, temperature: Float(codec.temperature))
  }
}
