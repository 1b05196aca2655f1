import Text

/// Running sums of an evaluation, in float64.
struct EvaluationSums {
  private static let bins = 15

  private(set) var count = 0
  private var nll = 0.0
  private var positions: [(sum: Double, count: Int)] = []
  private var calibration = Array(repeating: (confidence: 0.0, right: 0), count: Self.bins)
  private var documents = DocumentSums()
  private var divergences = DivergenceSums()
  private var agreements = 0
  private var acceptance = 0.0
  private var isBound = false
  private var isUnknown = false

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
    // A diverged model's confidence is no number, and so in no bin.
    guard !confidence.isNaN else { return calibration[0].confidence += .nan }
    let bin = min(Self.bins - 1, Int(confidence * Double(Self.bins)))
    calibration[bin].confidence += confidence
    if isRight { calibration[bin].right += 1 }
  }

  mutating func add(_ prediction: PredictionComparison) {
    divergences.add(prediction)
    documents.add(kl: prediction.kl, agrees: prediction.agrees)
    if prediction.agrees { agreements += 1 }
    switch prediction.acceptance {
    case .exact(let value): acceptance += value
    case .atMost(let value): (acceptance, isBound) = (acceptance + value, true)
    case .unknown: isUnknown = true
    }
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
    for bin in 0..<bins {
      left.calibration[bin].confidence += right.calibration[bin].confidence
      left.calibration[bin].right += right.calibration[bin].right
    }
    left.documents += right.documents
    left.divergences += right.divergences
    left.agreements += right.agreements
    left.acceptance += right.acceptance
    left.isBound = left.isBound || right.isBound
    left.isUnknown = left.isUnknown || right.isUnknown
  }

  var report: EvaluationReport {
    var report = EvaluationReport()
    report.tokens = count
    report.nll = nll / Double(count)
    report.nllByPosition = positions.map { $0.count == 0 ? .nan : $0.sum / Double($0.count) }
    let gaps = calibration.reduce(0) { $0 + abs($1.confidence - Double($1.right)) }
    report.calibrationError = gaps / Double(count)
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
    comparison.klStandardError = HeldOutMean([documents], \.kl)?.standardError
    comparison.top1Agreement = Double(agreements) / n
    comparison.top1StandardError =
      HeldOutMean([documents]) { $0.agreements.map(Double.init) }?.standardError
    comparison.acceptance = isBound || isUnknown ? nil : acceptance / n
    comparison.acceptanceUpperBound = isBound && !isUnknown ? acceptance / n : nil
    return comparison
  }
}
