import Foundation

/// The numbers of sequences with sparse targets: see docs/format.md, "Sparse frames".
struct SparseCodec: Sendable {
  let codec: CacheCodec
  let draws: Int
  let grid: ValueGrid
  let tables: CodingTables
  /// The most entries that a row can have in one draw.
  let mostEntries: Int
  /// The value of a sampled entry, for the threshold codec.
  let sampledValue: Float?
  /// Per level, what the code of a log-probability is compared with.
  let references: [Int]

  init(_ capture: CaptureConfig, tables: CodingTables) {
    (codec, draws, self.tables) = (capture.codec, capture.draws, tables)
    grid = ValueGrid(capture)
    references = Self.references(capture.codec, grid)
    sampledValue = capture.codec.threshold.map { Float($0) }
    mostEntries =
      switch capture.codec {
      case .threshold(let threshold, _): Int(1 / threshold) + 4
      case .topk(let entries, _): min(entries, capture.vocabularySize)
      case .sample(let samples, _): min(samples, capture.vocabularySize)
      case .dense: 0
      }
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

  /// The tokens and targets of a sequence whose fragments are known.
  func decode(
    words: [UInt16], bits: [UInt8], fragments: [Int]
  ) throws(FrameProblem) -> (tokens: [Int32], draws: [SparseTargets]) {
    var result: Result<(tokens: [Int32], draws: [SparseTargets]), FrameProblem>?
    // One more byte: an empty buffer has no address.
    (bits + [0]).withUnsafeBufferPointer { bits in
      words.withUnsafeBufferPointer { words in
        tables.symbols.layout.withUnsafeBufferPointer { layout in
          tables.symbols.symbols.withUnsafeBufferPointer { symbols in
            tables.symbols.slots.withUnsafeBufferPointer { slots in
              guard let layout = layout.baseAddress, let symbols = symbols.baseAddress,
                let slots = slots.baseAddress,
                var reader = EntropyReader(
                  words: words, bits: UnsafeBufferPointer(rebasing: bits.dropLast()),
                  layout: layout, symbols: symbols, slots: slots)
              else { return }
              result = Result { () throws(FrameProblem) in
                try read(fragments: fragments, &reader)
              }
            }
          }
        }
      }
    }
    guard let result else { throw FrameProblem(reason: "its numbers have no beginning") }
    return try result.get()
  }

  private func read(
    fragments: [Int], _ reader: inout EntropyReader
  ) throws(FrameProblem) -> (tokens: [Int32], draws: [SparseTargets]) {
    var walk = FrameWalk(self, fragments: fragments)
    let found = try walk.read(&reader)
    guard reader.isWhole else {
      throw FrameProblem(reason: "its numbers do not end where they should")
    }
    return found
  }
}

extension SparseCodec {
  /// What the levels of a row have together on a linear grid.
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
  private var isAscending: Bool { grid != .logarithmic }

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

  /// How many sampled entries the other values leave room for.
  func expectedTail(mass: Int) -> Int {
    guard case .linear(let levels) = grid, let threshold = codec.threshold else { return 0 }
    let left = Double(max(0, levels - mass)) / (Double(levels) * threshold)
    return Int((left + 0.5).rounded(.down))
  }

  /// What the code of a log-probability is compared with: that of the level's value, or for level
  /// 0 that of the least value that a row tells apart.
  func reference(_ level: Int) -> Int { references.isEmpty ? level : references[level] }

  static func references(_ codec: CacheCodec, _ grid: ValueGrid) -> [Int] {
    let steps = RoundingGrids.nextTokenStepsPerNat
    switch grid {
    // On the logarithmic grid a level is such a code.
    case .logarithmic: return []
    case .arcsine(let levels):
      return [0]
        + (1...levels).map { Int((-log(Double(grid.value($0))) * steps).rounded(.down)) }
    case .linear(let levels):
      let least = codec.threshold.map { -log($0) } ?? log(Double(levels))
      return [Int((least * steps).rounded(.down))]
        + (1...levels).map { Int((-log(Double($0) / Double(levels)) * steps).rounded(.down)) }
    }
  }
}
