public import Shards
public import Text

/// The sequences that a run learns from.
///
/// ```swift
/// let data = TrainingData.cached(try CacheReader(directory: URL(filePath: "cache")))
/// for index in 0..<data.count {
///   let sample = try data.sample(index)
///   print(sample.sequence.labels.count, sample.targets?.count ?? 0)
/// }
/// ```
public enum TrainingData: Sendable {
  /// A cache with its teacher's targets.
  case cached(CacheReader)
  /// A cache's tokens alone, for training on hard labels with the same data and order.
  case cachedTokens(CacheReader)
  /// Packed text.
  case text([PackedSequence])
  /// Sequences that a live teacher is asked about; of a cache the tokens alone.
  indirect case live(TrainingData)
  /// A cache with its teacher's targets, and after its sequences others that the same teacher is
  /// asked about.
  case mixed(CacheReader, live: [PackedSequence])

  /// The number of sequences.
  public var count: Int {
    switch self {
    case .cached(let reader), .cachedTokens(let reader): reader.count
    case .text(let sequences): sequences.count
    case .live(let data): data.count
    case .mixed(let reader, let sequences): reader.count + sequences.count
    }
  }

  /// Reads one sequence as an epoch, counted from 0, sees it.
  ///
  /// Of a cache with several draws of the targets each epoch gets the next, and the first again
  /// after the last: noise that differs from epoch to epoch cannot be learnt by heart.
  ///
  /// - Throws: `ShardError` where the cache is damaged.
  public func sample(_ index: Int, epoch: Int = 0) throws -> TrainingSample {
    switch self {
    case .cached(let reader):
      let cached = try reader.sequence(at: index)
      return TrainingSample(
        sequence: PackedSequence(cached.text), targets: cached.draws[epoch % cached.draws.count],
        maturity: try reader.maturity(at: index))
    case .cachedTokens(let reader):
      return TrainingSample(sequence: PackedSequence(try reader.text(at: index)))
    case .text(let sequences): return TrainingSample(sequence: sequences[index])
    case .live(let data):
      return TrainingSample(sequence: try data.sample(index).sequence, isLive: true)
    case .mixed(let reader, let sequences):
      return index < reader.count
        ? try TrainingData.cached(reader).sample(index, epoch: epoch)
        : TrainingSample(sequence: sequences[index - reader.count], isLive: true)
    }
  }
}

extension TrainingData {
  /// The most predictions of a sequence; of a cache, those that one may have.
  package var longestSequence: Int {
    switch self {
    case .cached(let reader), .cachedTokens(let reader):
      reader.manifest.parts.map(\.capture.sequenceLength).max() ?? 0
    case .text(let sequences): sequences.map(\.predictionCount).max() ?? 0
    case .live(let data): data.longestSequence
    case .mixed(let reader, let sequences):
      max(
        TrainingData.cached(reader).longestSequence,
        TrainingData.text(sequences).longestSequence)
    }
  }

  /// Calls a body with every document, as far as it was packed, in the order of the sequences.
  package func forEachDocument(_ body: ([Int32]) -> Void) throws {
    var unpacker = SequenceUnpacker()
    for index in 0..<count {
      let sequence = try sample(index).sequence
      for document in unpacker.append(tokens: sequence.tokens, fragments: sequence.fragments) {
        body(document)
      }
    }
    if let last = unpacker.finish() { body(last) }
  }
}

/// One sequence to learn from, with the teacher's view of it when there is one.
public struct TrainingSample: Sendable {
  /// The tokens.
  public var sequence: PackedSequence
  /// The teacher's targets, one for each prediction.
  public var targets: Targets?
  /// Whether a live teacher is asked about it, instead of stored targets.
  public var isLive: Bool
  /// The share of its own training that the teacher had behind it; nil for a finished teacher.
  public var maturity: Double?

  /// A sample from its parts.
  public init(
    sequence: PackedSequence, targets: Targets? = nil, isLive: Bool = false,
    maturity: Double? = nil
  ) {
    precondition(!isLive || targets == nil, "a live teacher and stored targets for one sequence")
    self.sequence = sequence
    self.targets = targets
    self.isLive = isLive
    self.maturity = maturity
  }
}

/// The data that a run trains on, with the tokenizer of its tokens.
package struct TrainedText: Sendable {
  package let data: TrainingData
  package let tokenizer: Tokenizer?

  /// Data with the tokenizer of its tokens.
  package init(data: TrainingData, tokenizer: Tokenizer?) {
    self.data = data
    self.tokenizer = tokenizer
  }
}

extension PackedSequence {
  /// The tokens of a cached sequence.
  public init(_ cached: SequenceTokens) {
    self.init(tokens: cached.tokens, fragments: cached.fragments, lossMask: cached.lossMask)
  }
}

extension SequenceTokens {
  /// A sequence under its number in a capture, which its random numbers are addressed by.
  package init(_ sequence: PackedSequence, ordinal: Int) {
    self.init(
      identity: Self.identity(
        ordinal: ordinal, tokens: sequence.tokens, fragments: sequence.fragments),
      tokens: sequence.tokens, fragments: sequence.fragments, lossMask: sequence.lossMask)
  }
}
