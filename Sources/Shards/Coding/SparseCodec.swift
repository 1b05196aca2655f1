import Foundation

/// The numbers of sequences with sparse targets: see docs/format.md, "Sparse frames".
struct SparseCodec: Sendable {
  /// The independent draws of every record.
  let draws: Int
  /// The grid of the values.
  let grid: ValueGrid
  /// The tables that numbers are coded with.
  let tables: CodingTables
  /// The most entries that a row can have in one draw.
  let mostEntries: Int
  /// Whether rows keep the most probable entries alone, so that all have an argmax.
  let isTruncated: Bool
  /// The value of a sampled entry, for the threshold codec.
  let sampledValue: Float?
  /// That value before it was rounded to its type.
  private let threshold: Double?
  /// Per level, the code that the code of a log-probability is compared with.
  private let references: [Int]

  /// The numbers of a capture's frames, coded with tables.
  init(_ capture: CaptureConfig, tables: CodingTables) {
    draws = capture.draws
    grid = capture.valueGrid
    self.tables = tables
    mostEntries = capture.codec.mostEntries(vocabularySize: capture.vocabularySize)
    isTruncated = capture.codec.kind.isTruncated
    threshold = capture.codec.sampledValue
    sampledValue = threshold.map { Float($0) }
    references = Self.references(grid, threshold: threshold)
  }

  /// The most bytes that a record can take in a payload: numbers of at most 12 + 8 + 30 bits.
  var maximumBytesPerRecord: Int { 64 + (mostEntries + 2) * 24 * draws }

  /// Takes a coder through a sequence's tokens and targets.
  func walk(
    _ sequence: CachedSequence, _ coder: inout some NumberCoder
  ) throws(ShardError) {
    guard sequence.draws.count == draws else {
      throw .invalidSequence(
        reason: "it has \(sequence.draws.count) draws of its targets, the cache \(draws)")
    }
    var rows: [SparseTargets] = []
    for case .sparse(let targets) in sequence.draws
    where targets.count == sequence.text.recordCount { rows.append(targets) }
    guard rows.count == draws else {
      throw .invalidSequence(reason: "its targets are not of this cache's codec and length")
    }
    do {
      var walk = FrameWalk(self, fragments: sequence.fragments)
      try walk.write(sequence.tokens, rows, &coder)
    } catch { throw .invalidSequence(reason: error.reason) }
  }

  /// The coded numbers of a sequence.
  func encode(
    _ sequence: CachedSequence
  ) throws(ShardError) -> (words: [UInt16], bits: [UInt8]) {
    var writer = EntropyWriter(tables.symbols)
    try walk(sequence, &writer)
    return writer.finish()
  }
}

extension SparseCodec {
  /// The sum of the levels of a whole row on a linear grid.
  var headroom: Int {
    if case .linear(let levels) = grid { levels } else { 0 }
  }

  /// The largest level.
  var mostLevel: Int {
    switch grid {
    case .linear(let levels), .arcsine(let levels): levels
    case .logarithmic: ValueGrid.mostLevels
    }
  }

  /// Whether levels grow with the probability, from 0 for none.
  var isAscending: Bool { grid != .logarithmic }

  /// Whether a value of this level is an entry: 0 on an ascending grid is a probability of 0.
  func isEntry(level: Int) -> Bool { !isAscending || level > 0 }

  /// Whether one level is a larger probability than another.
  func isMore(_ level: Int, than other: Int) -> Bool {
    isAscending ? level > other : level < other
  }

  /// The argmax's level as it is coded, and back: small where the teacher is sure.
  func argmaxCode(_ level: Int) -> Int {
    isAscending ? mostLevel - level : level
  }

  /// A measure from 0 to 80 of how large a level's probability is.
  func certainty(_ level: Int) -> Int {
    isAscending ? level * 80 / mostLevel : max(0, 80 - 2 * level)
  }

  /// The context of a value, from what the row has left or from the value before.
  func headLevelContext(left: Int, last: Int) -> Int {
    switch grid {
    case .linear(let levels): min(19, max(0, left) * 40 / levels)
    case .logarithmic: min(19, last / 8)
    case .arcsine: min(19, SymbolCode.symbol(last).symbol / 4)
    }
  }

  /// The number of sampled entries that the other values leave room for.
  func expectedTail(mass: Int) -> Int {
    guard case .linear(let levels) = grid, let threshold else { return 0 }
    let left = Double(max(0, levels - mass)) / (Double(levels) * threshold)
    return Int((left + 0.5).rounded(.down))
  }

  /// The code that the code of a log-probability is compared with: that of the level's value, or
  /// for level 0 that of the least value that a row tells apart.
  func reference(_ level: Int) -> Int { references.isEmpty ? level : references[level] }

  private static func references(_ grid: ValueGrid, threshold: Double?) -> [Int] {
    func code(_ probability: Double) -> Int {
      Int((-log(probability) * RoundingGrids.nextTokenStepsPerNat).rounded(.down))
    }
    switch grid {
    // On the logarithmic grid a level is such a code.
    case .logarithmic: return []
    case .arcsine(let levels):
      return [0] + (1...levels).map { code(Double(grid.value($0))) }
    case .linear(let levels):
      let least = threshold.map { -log($0) } ?? log(Double(levels))
      return [Int((least * RoundingGrids.nextTokenStepsPerNat).rounded(.down))]
        + (1...levels).map { code(Double($0) / Double(levels)) }
    }
  }
}
