/// A point of a curve.
struct CurvePoint: Equatable {
  var x, y: Double
}

/// Curves with no more points than a picture can show.
enum CurveSampling {
  /// The first, the least, the greatest and the last point of every slice of the axis, in order:
  /// nothing that sticks out of the curve is lost (M4, Jugel and others, 2014, less two points).
  ///
  /// - Parameters:
  ///   - points: The curve, by rising x.
  ///   - slices: The slices, about one for each pixel or two.
  /// - Returns: at most two points a slice, and the curve's two ends.
  static func extremes(_ points: [CurvePoint], slices: Int) -> [CurvePoint] {
    guard points.count > 2 * slices + 2 else { return points }
    let kept = cut(points, slices).flatMap { slice -> [CurvePoint] in
      guard let least = slice.indices.min(by: { slice[$0].y < slice[$1].y }),
        let most = slice.indices.max(by: { slice[$0].y < slice[$1].y })
      else { return [] }
      return least == most ? [slice[least]] : [slice[min(least, most)], slice[max(least, most)]]
    }
    return withEnds(of: points, kept)
  }

  /// One point a slice: the least or the greatest, as the edge of a band needs.
  static func edge(_ points: [CurvePoint], slices: Int, isUpper: Bool) -> [CurvePoint] {
    guard points.count > slices + 2 else { return points }
    let kept = cut(points, slices).compactMap { slice in
      isUpper ? slice.max { $0.y < $1.y } : slice.min { $0.y < $1.y }
    }
    return withEnds(of: points, kept)
  }

  /// The mean point of every slice: the curve's course without its noise.
  static func means(_ points: [CurvePoint], slices: Int) -> [CurvePoint] {
    guard points.count > 2 * slices else { return points }
    let kept = cut(points, slices).filter { !$0.isEmpty }.map { slice in
      let count = Double(slice.count)
      return CurvePoint(
        x: slice.reduce(0) { $0 + $1.x } / count, y: slice.reduce(0) { $0 + $1.y } / count)
    }
    return kept.count > 1 ? kept : points
  }

  private static func cut(_ points: [CurvePoint], _ slices: Int) -> [ArraySlice<CurvePoint>] {
    guard let first = points.first?.x, let last = points.last?.x, last > first else { return [] }
    let width = (last - first) / Double(slices)
    var (cuts, start): ([ArraySlice<CurvePoint>], Int) = ([], 0)
    for slice in 1...slices {
      let end = slice == slices ? .infinity : first + Double(slice) * width
      let stop = points[start...].firstIndex { $0.x >= end } ?? points.count
      cuts.append(points[start..<stop])
      start = stop
    }
    return cuts
  }

  private static func withEnds(of points: [CurvePoint], _ kept: [CurvePoint]) -> [CurvePoint] {
    var kept = kept
    if let first = points.first, kept.first != first { kept.insert(first, at: 0) }
    if let last = points.last, kept.last != last { kept.append(last) }
    return kept
  }
}
