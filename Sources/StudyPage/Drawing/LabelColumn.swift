/// Labels below each other in a column, each as near to its place as the others allow.
enum LabelColumn {
  /// The labels' places, in the order of the wishes.
  ///
  /// Among all places that keep the order and the gap, those with the least sum of squared ways
  /// (isotonic regression by pooling adjacent violators).
  static func places(_ wishes: [Double], gap: Double, from top: Double, to bottom: Double)
    -> [Double]
  {
    guard wishes.count > 1 else { return wishes.map { min(max($0, top), bottom) } }
    let gap = min(gap, (bottom - top) / Double(wishes.count - 1))
    let order = wishes.indices.sorted { (wishes[$0], $0) < (wishes[$1], $1) }
    let loosened = order.enumerated().map { wishes[$1] - Double($0) * gap }
    let last = bottom - Double(wishes.count - 1) * gap
    var places = wishes
    for (rank, place) in nondecreasing(loosened).enumerated() {
      places[order[rank]] = min(max(place, top), last) + Double(rank) * gap
    }
    return places
  }

  private static func nondecreasing(_ values: [Double]) -> [Double] {
    var blocks: [(sum: Double, count: Int)] = []
    for value in values {
      blocks.append((value, 1))
      while blocks.count > 1, mean(blocks[blocks.count - 2]) > mean(blocks[blocks.count - 1]) {
        let last = blocks.removeLast()
        blocks[blocks.count - 1].sum += last.sum
        blocks[blocks.count - 1].count += last.count
      }
    }
    return blocks.flatMap { Array(repeating: mean($0), count: $0.count) }
  }

  private static func mean(_ block: (sum: Double, count: Int)) -> Double {
    block.sum / Double(block.count)
  }
}
