/// The token ids in order of how often they occur at the start of the data.
///
/// Ids are stored as ranks, which makes the common ones small. A pure function of the first
/// 2^20 tokens, so that workers agree without talking.
public struct FrequencyRanks: Sendable, Equatable {
  /// The number of tokens that are counted.
  public static let prefixLength = 1 << 20

  /// The token id of each rank (V).
  let ids: [Int32]
  /// The rank of each token id (V).
  let ranks: [Int32]
  /// How many ids occurred; the rest follow in ascending order.
  let seenCount: Int

  /// Ranks from the first tokens of the data, all sequences laid end to end; ties go by id.
  ///
  /// Tokens outside 0..<V are not counted.
  public init(counting tokens: some Sequence<Int32>, vocabularySize: Int) {
    var counts = [Int](repeating: 0, count: vocabularySize)
    for token in tokens.prefix(Self.prefixLength) where token >= 0 && token < vocabularySize {
      counts[Int(token)] += 1
    }
    let seen = counts.indices.filter { counts[$0] > 0 }
      .sorted { (counts[$1], $0) < (counts[$0], $1) }
    self.init(seen: seen.map { Int32($0) }, isSeen: { counts[$0] > 0 }, vocabularySize)
  }

  /// Ranks from the ids that occurred, most frequent first; nil if one repeats or is out of range.
  init?(seen: [Int32], vocabularySize: Int) {
    var isSeen = [Bool](repeating: false, count: vocabularySize)
    for id in seen {
      guard id >= 0, id < vocabularySize, !isSeen[Int(id)] else { return nil }
      isSeen[Int(id)] = true
    }
    self.init(seen: seen, isSeen: { isSeen[$0] }, vocabularySize)
  }

  private init(seen: [Int32], isSeen: (Int) -> Bool, _ vocabularySize: Int) {
    ids = seen + (0..<vocabularySize).filter { !isSeen($0) }.map { Int32($0) }
    seenCount = seen.count
    var ranks = [Int32](repeating: 0, count: vocabularySize)
    for (rank, id) in ids.enumerated() { ranks[Int(id)] = Int32(rank) }
    self.ranks = ranks
  }

  /// V, the number of token ids.
  public var vocabularySize: Int { ids.count }
}
