public import Tensors

/// The labels, teacher's signal and weights that the loss of N predictions is measured against.
public struct LossTargets {
  /// The true next tokens.
  public var labels: [Int32]
  /// The teacher's view, nil when training on hard labels alone.
  public var signal: TeacherSignal?
  /// The weight of the teacher's term for each prediction before its rule; 0 for masked ones.
  public var soft: [Float]
  /// The weight of the label's term for each prediction before the rule; 0 for masked ones.
  public var hard: [Float]
  /// The temperature that the teacher's distributions were captured at.
  public var temperature: Float
  /// The form of the teacher's term.
  public var objective: Objective
  /// The log p(label) from which on ``TokenRule/adaptive(alpha:easy:)`` finds a prediction easy.
  public var easyAbove: Float

  /// Targets from their parts, all of one length.
  public init(
    labels: [Int32], signal: TeacherSignal?, soft: [Float], hard: [Float], temperature: Float = 1,
    objective: Objective = Objective(), easyAbove: Float = -.infinity
  ) {
    precondition(soft.count == labels.count && hard.count == labels.count, "one weight a label")
    precondition(signal.map { $0.count == labels.count } ?? true, "one teacher's row a label")
    self.labels = labels
    self.signal = signal
    self.soft = soft
    self.hard = hard
    self.temperature = temperature
    self.objective = objective
    self.easyAbove = easyAbove
  }
}

/// The sums over the predictions that count.
public struct LossSums: Sendable, Equatable {
  /// Σ −log q(label), in nats, unweighted.
  public var hard = 0.0
  /// Σ D(p, q) at the captured temperature, in nats, unweighted.
  public var soft = 0.0
  /// Σ −log p(label) of the teacher at temperature 1, in nats, unweighted.
  public var teacherHard = 0.0
  /// The sum of the label's weights, as applied.
  public var hardWeight = 0.0
  /// The sum of the teacher's weights, as applied.
  public var softWeight = 0.0
  /// Σ weight · −log q(label), in nats.
  public var hardTerm = 0.0
  /// Σ weight · T² D(p, q), in nats.
  public var softTerm = 0.0
  /// The number of predictions that count in either term.
  public var count = 0

  /// Sums of nothing.
  public init() {}

  /// Adds another run's sums.
  package static func += (left: inout LossSums, right: LossSums) {
    left.hard += right.hard
    left.soft += right.soft
    left.teacherHard += right.teacherHard
    left.hardWeight += right.hardWeight
    left.softWeight += right.softWeight
    left.hardTerm += right.hardTerm
    left.softTerm += right.softTerm
    left.count += right.count
  }
}

/// `Σ soft · T² D(teacher, student) + hard · CE(label, student)`, over `normalizer`.
///
/// From hidden states (N, D) and the vocabulary projection (V, D) to one scalar: the logits exist
/// only for a chunk of rows at a time, and both terms are computed from the same ones. Forward KL
/// from sparse unbiased targets t with mass a has the gradient `a q − t`; t is never renormalised,
/// because it is E[t] = p that makes it right on average (docs/design.md, "The targets"). The
/// normalizer is the number of predictions in the whole step, so that splitting a step into
/// micro-batches changes nothing.
///
/// The gradient is computed on the way forward, for a loss that enters the final scalar with
/// factor 1.
///
/// ```swift
/// let labels = samples.flatMap(\.sequence.labels)
/// let targets = LossTargets(
///   labels: labels, signal: TeacherSignal(samples.compactMap(\.targets)),
///   soft: labels.map { _ in 0.9 }, hard: labels.map { _ in 0.1 }, temperature: temperature)
/// let hidden = student(TokenBatch(samples.map(\.sequence)))
/// let (loss, sums) = distillationLoss(
///   hidden: hidden, output: student.output, targets, normalizer: Float(labels.count))
/// loss.backward()
/// ```
public func distillationLoss(
  hidden: Tensor, output: Tensor, _ targets: LossTargets, normalizer: Float,
  precision: Precision = .float32
) -> (loss: Tensor, sums: LossSums) {
  distillationLoss(
    hidden: hidden, output: output, targets, normalizer: normalizer, precision: precision,
    chunkRows: VocabularyPass.chunkRows)
}

/// The loss with a given number of rows at a time.
package func distillationLoss(
  hidden: Tensor, output: Tensor, _ targets: LossTargets, normalizer: Float,
  precision: Precision = .float32, chunkRows: Int
) -> (loss: Tensor, sums: LossSums) {
  precondition(hidden.rows == targets.labels.count, "\(hidden.rows) rows of hidden states")
  let pass = VocabularyPass(
    hidden, output, targets, normalizer: normalizer, precision: precision,
    chunkRows: chunkRows)
  let loss = Tensor.apply([hidden, output], shape: [1]) { loss in
    loss[0] = pass.run()
  } backward: { loss in
    precondition(loss.gradient[0] == 1, "the distillation loss must enter with factor 1")
    guard hidden.requiresGradient, let gradient = pass.hiddenGradient else { return }
    hidden.receiveGradient(keeping: gradient)
  }
  return (loss, pass.sums)
}

/// The teacher's term of a prediction: a divergence from a target, weighed by a rule.
public struct Objective: Sendable, Equatable {
  /// The distribution that the divergence is measured from.
  public enum Target: Sendable, Equatable {
    /// The teacher's distribution p.
    case teacher
    /// p, mixed with the label where the teacher prefers another token, so that the label leads by
    /// a margin (minifinetuning's corrected teacher, arXiv 2506.15702).
    ///
    /// With d = max p − p(label) and the margin τ the label's share is m = (d + τ) / (1 + d).
    case corrected(margin: Double)
    /// softmax(s log p + (1 − s) log q) with q held fixed: s goes from the student's own
    /// distribution, 0, to the teacher's, 1 (TAID, arXiv 2501.16937).
    case interpolated(share: Double)
  }

  /// The classes that the divergence sums over.
  public enum Classes: Sendable, Equatable {
    /// Every token.
    case tokens
    /// The tokens that a sparse teacher's row has exactly, and all others as one: a lower bound of
    /// an f-divergence, since classes were merged, but for the rounding of what is stored.
    ///
    /// Entries above the threshold are exact, and the most probable token is; `resolution` is the
    /// step of the grid that their values lie on, around 1.
    case head(above: Float, resolution: Double)
  }

  /// The divergence of the student from the target.
  public var divergence: Divergence
  /// The target.
  public var target: Target
  /// The classes of the sum, where the teacher's rows are sparse.
  public var classes: Classes
  /// The rule that each prediction's weights follow.
  public var rule: TokenRule

  /// An objective from its parts; without any, the forward divergence from the teacher.
  public init(
    divergence: Divergence = .forwardKL, target: Target = .teacher, classes: Classes = .tokens,
    rule: TokenRule = .uniform
  ) {
    self.divergence = divergence
    self.target = target
    self.classes = classes
    self.rule = rule
  }
}
