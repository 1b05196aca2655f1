/// Numbers in ascending order.
struct Percentiles {
  private let sorted: [Float]
  private let hasNaN: Bool

  init(_ values: [Float]) {
    hasNaN = values.contains(where: \.isNaN)
    sorted = hasNaN ? [] : values.sorted()
  }

  /// The value below which this share lies, straight between the two nearest (Hyndman & Fan 1996,
  /// definition 7: NumPy's default); nan if any value is.
  func value(at share: Double) -> Double {
    guard let last = sorted.indices.last else { return .nan }
    let place = share * Double(last)
    let lower = min(Int(place), max(0, last - 1))
    let (low, high) = (Double(sorted[lower]), Double(sorted[min(lower + 1, last)]))
    guard low != high else { return low }
    return low + (place - Double(lower)) * (high - low)
  }
}
