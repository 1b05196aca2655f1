/// The values of a row of which only the most probable entries are kept.
///
/// Each is rounded at random such that its expectation is p, but what the row leaves for all other
/// tokens may not come out below zero: a bucket of negative mass has no logarithm. Where the values
/// would exceed 1 together, the argmax gives way.
enum TruncatedRow {
  private static let grid = ValueGrid.arcsine(levels: ValueGrid.arcsineLevels)

  /// Rounds some probabilities.
  ///
  /// - Parameters:
  ///   - probabilities: the kept entries'; at most 1 together, but for rounding.
  ///   - argmax: the place of the largest.
  ///   - uniform: the random number in [0, 1) that rounds the entry at a place.
  /// - Returns: the values in the probabilities' order; 0 for what was rounded to nothing.
  static func values(
    _ probabilities: [Double], argmax: Int, uniform: (Int) -> Double
  ) -> [Float] {
    var levels = probabilities.enumerated().map { grid.level(of: $1, uniform: uniform($0)) }
    if fit(&levels, argmax: argmax) { return levels.map(grid.value) }
    // Hundreds of entries as small as the argmax: all of them rounded down leave it what it has.
    levels = probabilities.map { grid.level(of: $0, uniform: 1) }
    levels[argmax] = max(1, levels[argmax])
    _ = fit(&levels, argmax: argmax)
    return levels.map(grid.value)
  }

  /// Lowers the argmax until the values are at most 1 together; false where it would be no entry.
  private static func fit(_ levels: inout [Int], argmax: Int) -> Bool {
    let others = levels.indices.reduce(0.0) {
      $1 == argmax ? $0 : $0 + Double(grid.value(levels[$1]))
    }
    // A hair, so that the sum stays below 1 in any order.
    while levels[argmax] > 1, others + Double(grid.value(levels[argmax])) > 1 - 1e-12,
      others > 0
    {
      levels[argmax] -= 1
    }
    return levels[argmax] > 0 && others + Double(grid.value(levels[argmax])) <= 1
  }
}
