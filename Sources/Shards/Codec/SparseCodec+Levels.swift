import Foundation

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
