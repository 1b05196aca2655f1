/// The divergence of every prediction from the teacher's, for its mean and its percentiles.
struct DivergenceSums {
  private(set) var count = 0
  private var sum = 0.0
  private var isLowerBound = false
  private var isExact = true
  /// One for each prediction, as long as all of them are exact on their own.
  private var values: [Float] = []

  mutating func add(_ prediction: PredictionComparison) {
    count += 1
    sum += prediction.kl
    isLowerBound = isLowerBound || prediction.klIsLowerBound
    isExact = isExact && prediction.klIsExact
    if isExact { values.append(Float(prediction.kl)) }
  }

  static func += (left: inout DivergenceSums, right: DivergenceSums) {
    left.count += right.count
    left.sum += right.sum
    left.isLowerBound = left.isLowerBound || right.isLowerBound
    left.isExact = left.isExact && right.isExact
    if left.isExact { left.values += right.values } else { left.values = [] }
  }

  /// Writes its figures into a comparison.
  func write(into comparison: inout TeacherComparison) {
    comparison.kl = sum / Double(count)
    comparison.klIsLowerBound = isLowerBound
    guard isExact else { return }
    let percentiles = Percentiles(values)
    comparison.klMedian = percentiles.value(at: 0.5)
    comparison.kl95 = percentiles.value(at: 0.95)
    comparison.kl99 = percentiles.value(at: 0.99)
    comparison.kl999 = percentiles.value(at: 0.999)
  }
}
