extension [Float] {
  /// The columns in `range` of a row-major matrix with `width` columns.
  public func columns(_ range: Range<Int>, of width: Int) -> [Float] {
    var result: [Float] = []
    for start in stride(from: 0, to: count, by: width) {
      result += self[(start + range.lowerBound)..<(start + range.upperBound)]
    }
    return result
  }
}
