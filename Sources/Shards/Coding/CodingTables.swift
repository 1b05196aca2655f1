/// The tables that the frames of a capture are coded with: a pure function of its teacher and data.
///
/// Workers agree on them without talking, because each computes them, or finds them on the disk.
public struct CodingTables: Sendable, Equatable {
  /// The number of records that they are calibrated on, if the data has so many.
  package static let calibrationRecords = 16_384
  /// The number of tokens from the start of the data that are counted.
  static let countedTokens = 1 << 20
  /// The kinds that tokens can be of.
  static let kindCount = 6

  /// Per id, what kind of token it is (V), below `kindCount`; all 0 where nobody told.
  let kinds: [UInt8]
  /// Per id, ⌊log2(1 + how often it occurred)⌋ (V).
  let octaves: [UInt8]
  /// The symbols' shares in each context that occurred.
  let symbols: SymbolTables
  /// The ids by kind, then octave descending, then id (V).
  let order: [Int32]
  /// The place in `order` at which each kind begins.
  let firsts: [Int]
  /// Per id, its place among those of its kind (V).
  let ranks: [Int32]
  /// V, the number of token ids.
  let vocabularySize: Int

  /// The tables that a file holds; nil where they are none.
  init?(kinds: [UInt8], octaves: [UInt8], tables: [SymbolTable]) {
    guard kinds.count == octaves.count, kinds.allSatisfy({ $0 < Self.kindCount }),
      octaves.allSatisfy({ $0 < 64 }), tables.allSatisfy({ $0.context < CodingContext.count }),
      zip(tables, tables.dropFirst()).allSatisfy({ $0.context < $1.context })
    else { return nil }
    self.kinds = kinds
    self.octaves = octaves
    symbols = SymbolTables(tables)
    var groups = [[Int32]](repeating: [], count: Self.kindCount * 64)
    for id in kinds.indices {
      groups[Int(kinds[id]) * 64 + 63 - Int(octaves[id])].append(Int32(id))
    }
    order = Array(groups.joined())
    var (first, firsts) = (0, [Int]())
    for kind in 0..<Self.kindCount {
      firsts.append(first)
      first += groups[(kind * 64)..<(kind * 64 + 64)].reduce(0) { $0 + $1.count }
    }
    self.firsts = firsts + [first]
    var ranks = [Int32](repeating: 0, count: kinds.count)
    for (place, id) in order.enumerated() {
      ranks[Int(id)] = Int32(place - firsts[Int(kinds[Int(id)])])
    }
    self.ranks = ranks
    vocabularySize = kinds.count
  }

  /// The sequences to calibrate on: spread evenly, with about `calibrationRecords` records.
  ///
  /// - Parameter recordCounts: the records of each sequence of the data, in order.
  /// - Returns: the numbers of the chosen sequences, ascending.
  public static func calibrationSequences(recordCounts: [Int]) -> [Int] {
    let total = recordCounts.reduce(0, +)
    guard total > 0 else { return [] }
    let wanted = (recordCounts.count * calibrationRecords + total - 1) / total
    let count = min(recordCounts.count, max(1, wanted))
    return (0..<count).map { (2 * $0 + 1) * recordCounts.count / (2 * count) }
  }
}

extension CodingTables {
  /// Tables from some sequences with the teacher's targets.
  ///
  /// Tables have to pay for themselves. Where few records are to be coded, contexts share tables,
  /// and ids are told apart neither by kind nor by count, if tables and frames are shorter so.
  ///
  /// - Parameters:
  ///   - sequences: sequences with the teacher's targets, from places spread over the data.
  ///   - records: how many records are to be coded; nil for so many that tables count for nothing.
  ///   - text: the data's tokens; the first `countedTokens` of them are counted.
  ///   - kinds: per id, what kind of token it is, below `kindCount` (V); nil for one kind.
  ///   - capture: the settings of the capture.
  /// - Throws: `invalidSequence` where a sequence does not fit the settings.
  public init(
    calibrating sequences: [CachedSequence], records: Int? = nil,
    text: some Sequence<Int32> = EmptyCollection(), kinds: [UInt8]? = nil, capture: CaptureConfig
  ) throws(ShardError) {
    try ShardError.check(vocabularySize: capture.vocabularySize)
    let none = [UInt8](repeating: 0, count: capture.vocabularySize)
    let kinds = kinds ?? none
    guard kinds.count == capture.vocabularySize else {
      throw .invalidSetting(
        name: "kinds", reason: "there are \(kinds.count) for \(capture.vocabularySize) ids")
    }
    let octaves = Self.counts(sequences, text, capture.vocabularySize)
      .map { UInt8(CodingContext.bitLength($0 + 1) - 1) }
    let calibrated = sequences.reduce(0) { $0 + $1.text.recordCount }
    guard let records, calibrated > 0 else {
      let counter = try Self.counter(sequences, kinds, octaves, capture)
      self = try Self.whole(kinds, octaves, counter.tables)
      return
    }
    let weight = Self.weight(records: records, calibrated: calibrated)
    var best = try Choice(sequences, kinds, octaves, weight: weight, capture)
    for (kinds, octaves) in [(none, octaves), (none, none)] {
      let other = try Choice(sequences, kinds, octaves, weight: weight, capture)
      if other.length < best.length { best = other }
    }
    self = try Self.whole(best.kinds, best.octaves, best.groups.flatMap(\.tables))
  }

  /// The records to be coded over those that are counted, in 16ths.
  private static func weight(records: Int, calibrated: Int) -> Int {
    // From 4096 times on tables count for nothing, and larger products might overflow.
    16 * min(max(records, calibrated), 4096 * calibrated) / calibrated
  }

  private static func whole(
    _ kinds: [UInt8], _ octaves: [UInt8], _ tables: [SymbolTable]
  ) throws(ShardError) -> CodingTables {
    guard let whole = CodingTables(kinds: kinds, octaves: octaves, tables: tables) else {
      throw .invalidSetting(name: "kinds", reason: "one of them is not below \(kindCount)")
    }
    return whole
  }

  /// The symbols that occur in each context if ids have these kinds and octaves.
  private static func counter(
    _ sequences: [CachedSequence], _ kinds: [UInt8], _ octaves: [UInt8], _ capture: CaptureConfig
  ) throws(ShardError) -> SymbolCounter {
    let codec = SparseCodec(capture, tables: try whole(kinds, octaves, []))
    var counter = SymbolCounter()
    for sequence in sequences { try codec.walk(sequence, &counter) }
    return counter
  }

  /// Kinds and octaves of the ids, with the groups of contexts that suit them.
  private struct Choice {
    let kinds, octaves: [UInt8]
    let groups: [TableGroup]
    /// The length of frames and tables together, about, in 256ths of a bit.
    let length: Int

    init(
      _ sequences: [CachedSequence], _ kinds: [UInt8], _ octaves: [UInt8], weight: Int,
      _ capture: CaptureConfig
    ) throws(ShardError) {
      self.kinds = kinds
      self.octaves = octaves
      let counter = try CodingTables.counter(sequences, kinds, octaves, capture)
      groups = counter.groups(weight: weight)
      length =
        groups.reduce(counter.extraBits * 16 * weight) { $0 + $1.length }
        + Self.length(of: kinds) + Self.length(of: octaves)
    }

    /// The length of a plane of bytes: a ninth more than its entropy, as zstd comes near it.
    private static func length(of plane: [UInt8]) -> Int {
      var counts = [Int](repeating: 0, count: 256)
      for byte in plane { counts[Int(byte)] += 1 }
      let all = FixedLogarithm.of(max(plane.count, 1))
      return counts.reduce(0) { $1 > 0 ? $0 + $1 * (all - FixedLogarithm.of($1)) : $0 } * 10 / 9
    }
  }

  /// The count of each id as an entry of the targets, and, twice as heavy, as a token of the text.
  private static func counts(
    _ sequences: [CachedSequence], _ text: some Sequence<Int32>, _ vocabularySize: Int
  ) -> [Int] {
    var counts = [Int](repeating: 0, count: vocabularySize)
    for case .sparse(let rows) in sequences.lazy.flatMap(\.draws) {
      for id in rows.ids where id >= 0 && id < vocabularySize { counts[Int(id)] += 1 }
    }
    for token in text.prefix(countedTokens) where token >= 0 && token < vocabularySize {
      counts[Int(token)] += 2
    }
    return counts
  }
}
