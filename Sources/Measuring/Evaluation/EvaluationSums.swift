import Text

/// Running sums of an evaluation, in float64.
struct EvaluationSums {
  private(set) var count = 0
  private var nll = 0.0
  private var positions: [(sum: Double, count: Int)] = []
  private var calibration = CalibrationBins()
  private var documents = DocumentSums()
  private var divergences = DivergenceSums()
  private var teacherNLL = 0.0
  private var agreements = 0
  private var acceptance = AcceptanceSum()
  private var greedyAcceptance = AcceptanceSum()

  /// Begins a document, which everything added from here on belongs to; nil is one of its own.
  mutating func beginDocument(_ origin: DocumentOrigin?) { documents.begin(origin) }

  mutating func add(nll value: Double, position: Int) {
    if position >= positions.count {
      positions += Array(repeating: (0, 0), count: position + 1 - positions.count)
    }
    positions[position].sum += value
    positions[position].count += 1
    nll += value
    count += 1
    documents.add(nll: value)
  }

  mutating func add(confidence: Double, isRight: Bool) {
    calibration.add(confidence: confidence, isRight: isRight)
  }

  mutating func add(_ prediction: PredictionComparison, teacherNLL value: Double) {
    divergences.add(prediction)
    documents.add(prediction, teacherNLL: value)
    teacherNLL += value
    if prediction.agrees { agreements += 1 }
    acceptance.add(prediction.acceptance)
    greedyAcceptance.add(prediction.greedyAcceptance)
  }

  static func += (left: inout EvaluationSums, right: EvaluationSums) {
    left.count += right.count
    left.nll += right.nll
    let missing = right.positions.count - left.positions.count
    if missing > 0 { left.positions += Array(repeating: (0, 0), count: missing) }
    for (index, position) in right.positions.enumerated() {
      left.positions[index].sum += position.sum
      left.positions[index].count += position.count
    }
    left.calibration += right.calibration
    left.documents += right.documents
    left.divergences += right.divergences
    left.teacherNLL += right.teacherNLL
    left.agreements += right.agreements
    left.acceptance += right.acceptance
    left.greedyAcceptance += right.greedyAcceptance
  }

  var report: EvaluationReport {
    var report = EvaluationReport()
    report.tokens = count
    report.nll = nll / Double(count)
    report.nllByPosition = positions.map { $0.count == 0 ? .nan : $0.sum / Double($0.count) }
    report.calibrationError = calibration.gaps / Double(count)
    report.documents = documents.scores(compared: divergences.count > 0)
    report.documentsAreFragments = documents.areFragments
    report.groups = documents.groups(compared: divergences.count > 0)
    report.nllStandardError = HeldOutMean([report.documents], \.nll)?.standardError
    report.teacher = comparison(report.documents)
    return report
  }

  private func comparison(_ documents: [DocumentScore]) -> TeacherComparison? {
    guard divergences.count > 0 else { return nil }
    let n = Double(divergences.count)
    var comparison = TeacherComparison()
    divergences.write(into: &comparison)
    comparison.nll = teacherNLL.isFinite ? teacherNLL / n : nil
    comparison.klStandardError = HeldOutMean([documents], \.kl)?.standardError
    comparison.top1Agreement = Double(agreements) / n
    comparison.top1StandardError =
      HeldOutMean([documents]) { $0.agreements.map(Double.init) }?.standardError
    comparison.acceptance = acceptance.known.map { $0 / n }
    comparison.acceptanceStandardError = HeldOutMean([documents], \.acceptance)?.standardError
    comparison.acceptanceLowerBound = acceptance.lowerBound.map { $0 / n }
    comparison.acceptanceUpperBound = acceptance.upperBound.map { $0 / n }
    comparison.greedyAcceptance = greedyAcceptance.known.map { $0 / n }
    comparison.greedyAcceptanceStandardError =
      HeldOutMean([documents], \.greedyAcceptance)?.standardError
    comparison.greedyAcceptanceLowerBound = greedyAcceptance.lowerBound.map { $0 / n }
    comparison.greedyAcceptanceUpperBound = greedyAcceptance.upperBound.map { $0 / n }
    return comparison
  }
}

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

/// The sums behind an expected calibration error: predictions in 15 bins of equal width, by the
/// confidence that they were made with.
struct CalibrationBins {
  private static let count = 15

  private var bins = Array(repeating: (confidence: 0.0, right: 0), count: Self.count)

  mutating func add(confidence: Double, isRight: Bool) {
    // A diverged model's confidence is no number, and so in no bin.
    guard !confidence.isNaN else { return bins[0].confidence += .nan }
    let bin = min(Self.count - 1, max(0, Int(confidence * Double(Self.count))))
    bins[bin].confidence += confidence
    if isRight { bins[bin].right += 1 }
  }

  static func += (left: inout CalibrationBins, right: CalibrationBins) {
    for bin in 0..<count {
      left.bins[bin].confidence += right.bins[bin].confidence
      left.bins[bin].right += right.bins[bin].right
    }
  }

  /// The sum over bins of how far the confidences and the right predictions are apart; of so many
  /// predictions that is the error times their number.
  var gaps: Double { bins.reduce(0) { $0 + abs($1.confidence - Double($1.right)) } }
}
