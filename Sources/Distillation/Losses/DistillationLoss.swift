import CKernels
public import Tensors

/// What the loss of a run of N predictions is measured against.
public struct LossTargets: Sendable {
  /// The true next tokens.
  public var labels: [Int32]
  /// The teacher's view, nil when training on hard labels alone.
  public var signal: TeacherSignal?
  /// The weight of the teacher's term for each prediction; 0 for masked ones.
  public var soft: [Float]
  /// The weight of the label's term for each prediction; 0 for masked ones.
  public var hard: [Float]
  /// The temperature that the teacher's distributions were captured at.
  public var temperature: Float

  /// Targets from their parts, all of one length.
  public init(
    labels: [Int32], signal: TeacherSignal?, soft: [Float], hard: [Float], temperature: Float = 1
  ) {
    precondition(soft.count == labels.count && hard.count == labels.count, "one weight a label")
    precondition(signal.map { $0.count == labels.count } ?? true, "one teacher's row a label")
    (self.labels, self.signal, self.soft, self.hard) = (labels, signal, soft, hard)
    self.temperature = temperature
  }
}

/// The sums over the predictions that count, before weighting.
public struct LossSums: Sendable, Equatable {
  /// Σ −log q(label), in nats.
  public var hard = 0.0
  /// Σ KL(p ‖ q) at the captured temperature, in nats.
  public var soft = 0.0
  /// The number of predictions that count in either term.
  public var count = 0

  /// Sums of nothing.
  public init() {}

  /// Adds another run's sums.
  public static func += (left: inout LossSums, right: LossSums) {
    left.hard += right.hard
    left.soft += right.soft
    left.count += right.count
  }
}

/// `Σ soft · T² KL(teacher ‖ student) + hard · CE(label, student)`, over `normalizer`.
///
/// From hidden states (N, D) and the vocabulary projection (V, D) to one scalar: the logits exist
/// only for a chunk of rows at a time, both terms are computed in one pass over it, and the chunk
/// then holds the gradient. Forward KL from sparse unbiased targets t with mass a has the gradient
/// `a q − t`; t is never renormalised, because it is E[t] = p that makes it right on average
/// (DESIGN §5). The normalizer is the number of predictions in the whole step, so that splitting a
/// step into micro-batches changes nothing.
///
/// The gradient is computed on the way forward, for a loss that enters the final scalar with
/// factor 1.
public func distillationLoss(
  hidden: Tensor, output: Tensor, _ targets: LossTargets, normalizer: Float,
  precision: Precision = .float32
) -> (loss: Tensor, sums: LossSums) {
  // About 64 MB of logits at a time.
  distillationLoss(
    hidden: hidden, output: output, targets, normalizer: normalizer, precision: precision,
    chunkFloats: 1 << 24)
}

/// The loss with a given number of logits at a time, rounded to 32 rows and no fewer.
package func distillationLoss(
  hidden: Tensor, output: Tensor, _ targets: LossTargets, normalizer: Float,
  precision: Precision = .float32, chunkFloats: Int
) -> (loss: Tensor, sums: LossSums) {
  precondition(hidden.rows == targets.labels.count, "\(hidden.rows) rows of hidden states")
  let pass = VocabularyPass(
    hidden, output, targets, normalizer: normalizer, precision: precision,
    chunkFloats: chunkFloats)
  let loss = Tensor.apply([hidden, output], shape: [1]) { loss in
    loss[0] = pass.run()
  } backward: { loss in
    precondition(loss.gradient[0] == 1, "the distillation loss must enter with factor 1")
    guard hidden.requiresGradient, let gradient = pass.hiddenGradient else { return }
    hidden.receiveGradient(keeping: gradient)
  }
  return (loss, pass.sums)
}

/// One walk through the vocabulary projection in chunks of rows.
private final class VocabularyPass {
  let hidden, output: Tensor
  let targets: LossTargets
  let inverseNormalizer: Float
  let needsGradient: Bool
  let hiddenGradient: Storage?
  private let precision: Precision
  private let chunkFloats: Int
  private(set) var sums = LossSums()

  init(
    _ hidden: Tensor, _ output: Tensor, _ targets: LossTargets, normalizer: Float,
    precision: Precision,
    chunkFloats: Int
  ) {
    (self.hidden, self.output, self.targets) = (hidden, output, targets)
    (self.precision, self.chunkFloats) = (precision, chunkFloats)
    inverseNormalizer = 1 / normalizer
    needsGradient = hidden.requiresGradient || output.requiresGradient
    hiddenGradient = hidden.requiresGradient ? Storage(count: hidden.count) : nil
  }

  func run() -> Float {
    let (N, V) = (hidden.rows, output.rows)
    let chunk = max(1, min(N, max(32, chunkFloats / V / 32 * 32)))
    let logits = Storage(count: chunk * V)
    var total = 0.0
    for first in stride(from: 0, to: N, by: chunk) {
      total += run(first..<min(N, first + chunk), logits.base)
    }
    return Float(total)
  }

  private func run(_ rows: Range<Int>, _ logits: UnsafeMutablePointer<Float>) -> Double {
    let (D, V) = (hidden.columns, output.rows)
    let h = hidden.values + rows.lowerBound * D
    gemm(
      rows.count, V, D, Operand(h, stride: D), Operand(output.values, stride: D, transposed: true),
      precision: precision, into: logits, stride: V)
    let total = reduce(rows, logits)
    Profile.backward(of: .loss) { addGradients(rows, logits) }
    return total
  }

  /// Carries the gradient of some rows' logits on to the hidden states and to the projection.
  private func addGradients(_ rows: Range<Int>, _ logits: UnsafeMutablePointer<Float>) {
    let (D, V) = (hidden.columns, output.rows)
    let h = hidden.values + rows.lowerBound * D
    if let hiddenGradient {
      gemm(
        rows.count, D, V, Operand(logits, stride: V), Operand(output.values, stride: D),
        precision: precision, into: hiddenGradient.base + rows.lowerBound * D, stride: D)
    }
    if output.requiresGradient {
      gemm(
        V, D, rows.count, Operand(logits, stride: V, transposed: true), Operand(h, stride: D),
        adding: true, precision: precision, into: output.gradient, stride: D)
    }
  }

  /// Sums up the losses of some rows and leaves their gradients where the logits were.
  private func reduce(_ rows: Range<Int>, _ logits: UnsafeMutablePointer<Float>) -> Double {
    let V = output.rows
    let results = Storage(count: 2 * rows.count)
    Parallel.forEach(rows.count) { index in
      let row = VocabularyRow(
        logits + index * V, count: V, targets, index: rows.lowerBound + index)
      (results.base[2 * index], results.base[2 * index + 1]) = row.losses()
      if needsGradient {
        row.replaceByGradient(
          hard: targets.hard[rows.lowerBound + index] * inverseNormalizer,
          soft: targets.soft[rows.lowerBound + index] * inverseNormalizer)
      }
    }
    var total = 0.0
    for (index, row) in rows.enumerated() {
      let (hard, soft) = (Double(results.base[2 * index]), Double(results.base[2 * index + 1]))
      let (wHard, wSoft) = (Double(targets.hard[row]), Double(targets.soft[row]))
      let temperature = Double(targets.temperature)
      guard wHard != 0 || wSoft != 0 else { continue }
      sums.hard += hard
      sums.soft += soft
      sums.count += 1
      total += wHard * hard + wSoft * temperature * temperature * soft
    }
    return total * Double(inverseNormalizer)
  }
}

/// The logits of one prediction, its losses and its gradient.
private struct VocabularyRow {
  let logits: UnsafeMutablePointer<Float>
  let count: Int
  let label: Int
  let temperature: Float
  let teacher: TeacherRow?
  let logSumExp: Float
  /// The log-sum-exp at the teacher's temperature.
  let softLogSumExp: Float

  init(_ logits: UnsafeMutablePointer<Float>, count: Int, _ targets: LossTargets, index: Int) {
    (self.logits, self.count) = (logits, count)
    (label, temperature) = (Int(targets.labels[index]), targets.temperature)
    teacher =
      targets.soft[index] == 0 && targets.hard[index] == 0 ? nil : targets.signal?.row(index)
    logSumExp = ck_log_sum_exp(count, 1, logits)
    softLogSumExp = temperature == 1 ? logSumExp : ck_log_sum_exp(count, 1 / temperature, logits)
  }

  /// −log q(label), and KL(teacher ‖ student) or 0 without a teacher.
  func losses() -> (hard: Float, soft: Float) {
    (logSumExp - logits[label], teacher.map(divergence) ?? 0)
  }

  /// `−H(p) − Σ t log q` at the teacher's temperature.
  private func divergence(_ teacher: TeacherRow) -> Float {
    var product: Float = 0
    switch teacher.entries {
    case .sparse(let ids, let values):
      for (id, t) in zip(ids, values) { product += t * (logits[Int(id)] / temperature) }
    case .dense(let p):
      ck_row_dots(1, count, count, p, logits, &product)
      product /= temperature
    }
    return teacher.mass * softLogSumExp - product - teacher.entropy
  }

  /// `(hard (q − onehot) + soft T (a q_T − t)) · scale`, over the logits.
  func replaceByGradient(hard: Float, soft: Float) {
    let mass = teacher?.mass ?? 0
    if temperature == 1 {
      ck_scaled_softmax(count, 1, logSumExp, hard + soft * mass, logits)
    } else {
      let original = Storage(count: count)
      original.base.update(from: logits, count: count)
      ck_scaled_softmax(count, 1, logSumExp, hard, logits)
      ck_add_scaled_softmax(
        count, 1 / temperature, softLogSumExp, soft * mass * temperature, original.base, logits)
    }
    logits[label] -= hard
    switch teacher?.entries {
    case .sparse(let ids, let values):
      for (id, t) in zip(ids, values) { logits[Int(id)] -= soft * temperature * t }
    case .dense(let p): ck_add_scaled(count, -soft * temperature, p, logits)
    case nil: break
    }
  }
}
