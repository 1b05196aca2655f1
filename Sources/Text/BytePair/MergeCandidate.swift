/// A pair that may be joined next, with the count that it had when it was queued.
struct MergeCandidate: Comparable {
  /// The number of times that the pair occurred.
  var count: Int
  /// The pair.
  var pair: TokenizerDefinition.Merge
  /// The bytes of its left token.
  var left: [UInt8]
  /// The bytes of its right token.
  var right: [UInt8]

  /// Whether one is joined before another: more frequent, or else with smaller bytes.
  static func < (one: MergeCandidate, other: MergeCandidate) -> Bool {
    if one.count != other.count { return one.count > other.count }
    if one.left != other.left { return one.left.lexicographicallyPrecedes(other.left) }
    return one.right.lexicographicallyPrecedes(other.right)
  }
}
