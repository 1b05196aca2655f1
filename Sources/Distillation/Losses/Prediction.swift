import CKernels

/// The logits of one position measured against its targets.
struct Prediction {
  /// The weight of the label's term.
  let hard: Float
  /// The weight of the teacher's term.
  let soft: Float
  /// −log q(label), in nats.
  let hardLoss: Double
  /// KL(teacher ‖ student) at the captured temperature, 0 without a teacher.
  let softLoss: Double
  private let temperature: Float
  private let logSumExp: Float
  /// The log-sum-exp at the teacher's temperature.
  private let softLogSumExp: Float
  private let teacher: TeacherRow?
  /// a = Σt, 0 without a teacher.
  private let mass: Float
  /// What is taken off single entries of the gradient, in ascending order of columns.
  private let corrections: [(column: Int32, weight: Float)]

  /// The prediction from its logits and their log-sum-exps.
  init(
    _ logits: LogitBlocks.Row, _ targets: LossTargets, row: Int, logSumExp: Float,
    softLogSumExp: Float
  ) {
    let (hard, soft, temperature) = (targets.hard[row], targets.soft[row], targets.temperature)
    (self.hard, self.soft, self.temperature) = (hard, soft, temperature)
    (self.logSumExp, self.softLogSumExp) = (logSumExp, softLogSumExp)
    let label = targets.labels[row]
    let teacher = soft == 0 && hard == 0 ? nil : targets.signal?.row(row)
    self.teacher = teacher
    mass = teacher?.mass ?? 0
    hardLoss = Double(logSumExp - logits[Int(label)])
    softLoss = Double(
      teacher.map { $0.divergence(logits, temperature, softLogSumExp) } ?? 0)
    corrections = Self.corrections(label, hard, teacher, soft * temperature)
  }

  private static func corrections(
    _ label: Int32, _ hard: Float, _ teacher: TeacherRow?, _ soft: Float
  ) -> [(column: Int32, weight: Float)] {
    var corrections = [(column: label, weight: hard)]
    if case .sparse(let ids, let values) = teacher?.entries {
      corrections += zip(ids, values).map { ($0, soft * $1) }
    }
    return corrections.sorted { $0.column < $1.column }
  }

  /// `(hard (q − onehot) + soft T (a q_T − t)) · scale` of some columns, from their logits.
  func writeGradient(
    _ columns: Range<Int>, of block: UnsafePointer<Float>, scale: Float,
    to gradient: UnsafeMutablePointer<Float>
  ) {
    if temperature == 1 {
      ck_scaled_softmax(
        columns.count, 1, logSumExp, (hard + soft * mass) * scale, block, gradient)
    } else {
      ck_scaled_softmax(columns.count, 1, logSumExp, hard * scale, block, gradient)
      ck_add_scaled_softmax(
        columns.count, 1 / temperature, softLogSumExp, soft * mass * temperature * scale, block,
        gradient)
    }
    if case .dense(let p) = teacher?.entries {
      p.withUnsafeBufferPointer { p in
        guard let base = p.baseAddress else { return }
        ck_add_scaled(
          columns.count, -soft * temperature * scale, base + columns.lowerBound, gradient)
      }
    }
    for correction in corrections(in: columns) {
      gradient[Int(correction.column) - columns.lowerBound] -= correction.weight * scale
    }
  }

  private func corrections(
    in columns: Range<Int>
  ) -> ArraySlice<(column: Int32, weight: Float)> {
    let first = firstCorrection(from: columns.lowerBound)
    return corrections[first..<firstCorrection(from: columns.upperBound)]
  }

  /// The index of the first correction at or after a column, by bisection.
  private func firstCorrection(from column: Int) -> Int {
    var (low, high) = (0, corrections.count)
    while low < high {
      let middle = (low + high) / 2
      if Int(corrections[middle].column) < column { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension TeacherRow {
  /// `−H(p) − Σ t log q` at the teacher's temperature.
  fileprivate func divergence(
    _ logits: LogitBlocks.Row, _ temperature: Float, _ logSumExp: Float
  ) -> Float {
    var product: Float = 0
    switch entries {
    case .sparse(let ids, let values):
      for (id, t) in zip(ids, values) { product += t * (logits[Int(id)] / temperature) }
    case .dense(let p):
      product = logits.dot(p) / temperature
    }
    return mass * logSumExp - product - entropy
  }
}
