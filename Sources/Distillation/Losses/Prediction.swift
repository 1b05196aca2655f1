import CKernels
import Foundation

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
  /// What the tokens outside a truncated teacher's row have together.
  private let tail: TailBucket?
  /// Single entries of the gradient that are set, in ascending order of columns.
  private let replacements: [ColumnValue]
  /// What is then taken off single entries of the gradient, in ascending order of columns.
  private let corrections: [ColumnValue]

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
    let tail = teacher?.tail(logits, temperature, softLogSumExp)
    self.tail = tail
    hardLoss = Double(logSumExp - logits[Int(label)])
    softLoss =
      tail?.divergence
      ?? Double(teacher.map { $0.divergence(logits, temperature, softLogSumExp) } ?? 0)
    replacements =
      tail?.kept.map { entry in
        let q = hard == 0 ? 0 : exp(Double(logits[Int(entry.column)] - logSumExp))
        let pull = Double(soft * temperature) * (entry.student - entry.teacher)
        return ColumnValue(column: entry.column, value: Float(Double(hard) * q + pull))
      } ?? []
    corrections = Self.corrections(label, hard, tail == nil ? teacher : nil, soft * temperature)
  }

  private static func corrections(
    _ label: Int32, _ hard: Float, _ teacher: TeacherRow?, _ soft: Float
  ) -> [ColumnValue] {
    var corrections = [ColumnValue(column: label, value: hard)]
    switch teacher?.entries {
    case .sparse(let ids, let values), .truncated(let ids, let values):
      corrections += zip(ids, values).map { ColumnValue(column: $0, value: soft * $1) }
    case .dense, nil: break
    }
    return corrections.sorted { $0.column < $1.column }
  }

  /// `(hard (q − onehot) + soft T (a q_T − t)) · scale` of some columns, from their logits; of a
  /// truncated teacher's row, `soft T (1 − p_g / q_g) q_T` outside of the row.
  func writeGradient(
    _ columns: Range<Int>, of block: UnsafePointer<Float>, scale: Float,
    to gradient: UnsafeMutablePointer<Float>
  ) {
    writeSoftmax(columns, of: block, scale: scale, to: gradient)
    if case .dense(let p) = teacher?.entries {
      p.withUnsafeBufferPointer { p in
        guard let base = p.baseAddress else { return }
        ck_add_scaled(
          columns.count, -soft * temperature * scale, base + columns.lowerBound, gradient)
      }
    }
    for replacement in replacements.within(columns) {
      gradient[Int(replacement.column) - columns.lowerBound] = replacement.value * scale
    }
    for correction in corrections.within(columns) {
      gradient[Int(correction.column) - columns.lowerBound] -= correction.value * scale
    }
  }

  /// The terms that are the student's distributions times a factor.
  private func writeSoftmax(
    _ columns: Range<Int>, of block: UnsafePointer<Float>, scale: Float,
    to gradient: UnsafeMutablePointer<Float>
  ) {
    if temperature == 1 {
      let (factor, shift) = tail?.factor(adding: hard, soft) ?? (hard + soft * mass, 0)
      ck_scaled_softmax(
        columns.count, 1, logSumExp - shift, factor * scale, block, gradient)
    } else {
      let weight = soft * temperature
      let (factor, shift) = tail?.factor(adding: 0, weight) ?? (weight * mass, 0)
      ck_scaled_softmax(columns.count, 1, logSumExp, hard * scale, block, gradient)
      ck_add_scaled_softmax(
        columns.count, 1 / temperature, softLogSumExp - shift, factor * scale, block, gradient)
    }
  }
}

/// A number that belongs to one column of the logits.
private struct ColumnValue {
  let column: Int32
  let value: Float
}

extension [ColumnValue] {
  /// Those of some columns, of all in ascending order.
  fileprivate func within(_ columns: Range<Int>) -> ArraySlice<ColumnValue> {
    self[first(from: columns.lowerBound)..<first(from: columns.upperBound)]
  }

  /// The index of the first at or after a column, by bisection.
  private func first(from column: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if Int(self[middle].column) < column { low = middle + 1 } else { high = middle }
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
    case .sparse(let ids, let values), .truncated(let ids, let values):
      for (id, t) in zip(ids, values) { product += t * (logits[Int(id)] / temperature) }
    case .dense(let p):
      product = logits.dot(p) / temperature
    }
    return mass * logSumExp - product - entropy
  }

  /// The tail of a truncated row; nil for other rows, and where nothing is left outside.
  fileprivate func tail(
    _ logits: LogitBlocks.Row, _ temperature: Float, _ logSumExp: Float
  ) -> TailBucket? {
    guard case .truncated(let ids, let values) = entries else { return nil }
    let outside = logits.logSumExp(excluding: ids, scale: 1 / temperature)
    guard outside > -.infinity else { return nil }
    let kept = zip(ids, values).map { id, value in
      TailBucket.Entry(
        column: id, teacher: Double(value),
        logStudent: Double(logits[Int(id)] / temperature) - Double(logSumExp))
    }
    return TailBucket(kept, logStudentMass: outside - Double(logSumExp))
  }
}
