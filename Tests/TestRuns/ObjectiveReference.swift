import Foundation
package import Losses

/// One prediction's loss as the papers write it, in float64.
package struct ObjectiveReference {
  package var objective: Objective
  package var temperature: Double
  /// The base weights of both terms.
  package var soft: Double
  package var hard: Double
  package var label: Int
  /// p at temperature T, and log p(label) at temperature 1.
  package var teacher: [Double]
  package var labelLogProbability: Double
  /// Whether the adaptive rule counts the prediction as easy.
  package var isEasy = false
  /// The tokens whose classes are their own; nil for all.
  package var head: Set<Int>?

  /// A prediction that no rule counts as easy, with a class for every token.
  package init(
    objective: Objective, temperature: Double, soft: Double, hard: Double, label: Int,
    teacher: [Double], labelLogProbability: Double
  ) {
    self.objective = objective
    self.temperature = temperature
    self.soft = soft
    self.hard = hard
    self.label = label
    self.teacher = teacher
    self.labelLogProbability = labelLogProbability
  }

  /// What the loss holds fixed while it is differentiated.
  package struct Frozen {
    package var soft: Double
    package var hard: Double
    package var target: [Double]
  }

  /// The weights and the target at some logits.
  package func frozen(_ logits: [Double]) -> Frozen {
    let q = softmax(logits.map { $0 / temperature })
    var (soft, hard, target) = (soft, hard, teacher)
    let peak = teacher.indices.max { teacher[$0] < teacher[$1] } ?? 0
    switch objective.rule {
    case .uniform, .adaptive: break
    case .teacherEntropy(let favor, let power):
      let entropy = teacher.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 } / log(Double(q.count))
      soft *= pow(favor == .sure ? 1 - entropy : entropy, power)
    case .trueTokenProbability(let power): soft *= pow(exp(labelLogProbability), power)
    case .teacherRight(let otherwise): soft *= peak == label ? 1 : otherwise
    case .weightedSoftLabels:
      let student = logSumExp(logits) - logits[label]
      soft *= 1 - exp(-student / -labelLogProbability)
    }
    if !objective.rule.leavesHardWeight, self.soft > 0 {
      hard += (1 - hard) * (1 - soft / self.soft)
    }
    switch objective.target {
    case .teacher: break
    case .corrected(let margin):
      guard peak != label else { break }
      let lead = teacher[peak] - teacher[label]
      let share = (lead + margin) / (1 + lead)
      for v in target.indices { target[v] = (1 - share) * teacher[v] + (v == label ? share : 0) }
    case .interpolated(let share):
      target = softmax(zip(teacher, q).map { share * log($0) + (1 - share) * log($1) })
    }
    return Frozen(soft: soft, hard: hard, target: target)
  }

  /// `hard · CE + soft · T² D(target, q)`.
  package func value(_ logits: [Double], _ frozen: Frozen) -> Double {
    let q = softmax(logits.map { $0 / temperature })
    let cross = logSumExp(logits) - logits[label]
    return frozen.hard * cross + frozen.soft * temperature * temperature
      * divergence(frozen.target, q)
  }

  package func divergence(_ p: [Double], _ q: [Double]) -> Double {
    if case .adaptive(let alpha, _) = objective.rule { return decoupled(p, q, alpha) }
    let (p, q) = (classes(p), classes(q))
    switch objective.divergence {
    case .forwardKL: return kl(p, q)
    case .reverseKL: return kl(q, p)
    case .jensenShannon(let beta):
      let m = mix(p, q, beta)
      return beta * kl(p, m) + (1 - beta) * kl(q, m)
    case .skewForwardKL(let alpha): return kl(p, mix(p, q, alpha))
    case .skewReverseKL(let alpha): return kl(q, mix(q, p, alpha))
    case .alphaBeta(let a, let b):
      return zip(p, q).reduce(0) { sum, pair in
        let (p, q) = pair
        let cross = pow(p, a) * pow(q, b)
        return sum - (cross - a / (a + b) * pow(p, a + b) - b / (a + b) * pow(q, a + b)) / (a * b)
      }
    }
  }

  /// Each token of the head, and all others as one.
  private func classes(_ p: [Double]) -> [Double] {
    guard let head, head.count < p.count else { return p }
    let kept = p.indices.filter { head.contains($0) }.map { p[$0] }
    return kept + [1 - kept.reduce(0, +)]
  }

  private func decoupled(_ p: [Double], _ q: [Double], _ alpha: Double) -> Double {
    let others = p.indices.filter { $0 != label }
    let rest = (p: 1 - p[label], q: 1 - q[label])
    let within = kl(others.map { p[$0] / rest.p }, others.map { q[$0] / rest.q })
    let binary = kl([p[label], rest.p], [q[label], rest.q])
    return isEasy ? alpha * within : (1 - alpha) * (binary + within)
  }

  private func kl(_ p: [Double], _ q: [Double]) -> Double {
    zip(p, q).reduce(0) { $1.0 > 0 ? $0 + $1.0 * log($1.0 / $1.1) : $0 }
  }

  private func mix(_ p: [Double], _ q: [Double], _ share: Double) -> [Double] {
    zip(p, q).map { share * $0 + (1 - share) * $1 }
  }
}

/// The forms of the teacher's term that are tested.
extension ObjectiveReference {
  /// Every divergence, the forward one first.
  package static let divergences: [Divergence] = [
    .forwardKL, .reverseKL, .jensenShannon(beta: 0.5), .jensenShannon(beta: 0.1),
    .skewForwardKL(alpha: 0.1), .skewReverseKL(alpha: 0.3), .alphaBeta(alpha: 0.2, beta: 0.7),
    .alphaBeta(alpha: 1, beta: 0.5),
  ]
  /// Every target but the teacher itself.
  package static let targets: [Objective.Target] = [
    .corrected(margin: 0.2), .interpolated(share: 0.4), .interpolated(share: 0),
  ]
}
