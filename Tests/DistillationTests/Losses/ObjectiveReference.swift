import Foundation
@testable import Losses
import Shards
import Tensors
import TestSupport
import Testing

/// One prediction's loss as the papers write it, in float64.
struct ObjectiveReference {
  var objective: Objective
  var temperature: Double
  /// The base weights of both terms.
  var soft: Double
  var hard: Double
  var label: Int
  /// p at temperature T, and log p(label) at temperature 1.
  var teacher: [Double]
  var labelLogProbability: Double
  /// Whether the adaptive rule counts the prediction as easy.
  var isEasy = false
  /// The tokens whose classes are their own; nil for all.
  var head: Set<Int>?

  /// What the loss holds fixed while it is differentiated.
  struct Frozen {
    var soft: Double
    var hard: Double
    var target: [Double]
  }

  /// The weights and the target at some logits.
  func frozen(_ logits: [Double]) -> Frozen {
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
  func value(_ logits: [Double], _ frozen: Frozen) -> Double {
    let q = softmax(logits.map { $0 / temperature })
    let cross = logSumExp(logits) - logits[label]
    return frozen.hard * cross + frozen.soft * temperature * temperature
      * divergence(frozen.target, q)
  }

  func divergence(_ p: [Double], _ q: [Double]) -> Double {
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

/// Random hidden states, projections, labels and a whole teacher, to compute an objective both ways.
struct ObjectiveProblem: CustomTestStringConvertible {
  enum Teacher: CaseIterable { case dense, live, both }

  var objective: Objective
  var teacher: Teacher
  var temperature: Float = 1
  var count = 6
  var vocabulary = 7
  let width = 4

  var testDescription: String { "\(objective) \(teacher) T=\(temperature) V=\(vocabulary)" }

  var hidden: [Float] { .random(count * width, seed: 21) }
  var output: [Float] { .random(vocabulary * width, seed: 22, deviation: 0.8) }
  /// The teacher's own hidden states (N, 3) and projection (V, 3).
  private var teacherHidden: [Float] { .random(count * 3, seed: 23) }
  private var teacherOutput: [Float] { .random(vocabulary * 3, seed: 24, deviation: 1.2) }
  private var labels: [Int32] { (0..<count).map { Int32($0 * 5 % vocabulary) } }
  private let soft: [Float] = [0.7, 0, 1, 0.2, 0.9, 0.4]
  private let hard: [Float] = [0.3, 0, 0, 1.5, 0.1, 0.6]

  private func teacherLogits(_ row: Int) -> [Float] {
    let (teacherHidden, teacherOutput) = (teacherHidden, teacherOutput)
    return (0..<vocabulary).map { v in
      (0..<3).reduce(0) { $0 + teacherHidden[row * 3 + $1] * teacherOutput[v * 3 + $1] }
    }
  }

  private func dense(_ rows: Range<Int>) -> TeacherPart {
    var targets = DenseTargets(vocabularySize: vocabulary)
    for row in rows {
      teacherLogits(row).withUnsafeBufferPointer {
        try? targets.append(
          logits: $0, nextToken: labels[row], temperature: Double(temperature))
      }
    }
    return .stored(.dense(targets))
  }

  private func live(_ rows: Range<Int>) throws -> TeacherPart {
    let hidden = Array(teacherHidden[(rows.lowerBound * 3)..<(rows.upperBound * 3)])
    return .live(
      try LiveTargets(
        hidden: Tensor([rows.count, 3], hidden), output: Tensor([vocabulary, 3], teacherOutput),
        labels: Array(labels[rows]), temperature: temperature))
  }

  private func parts() throws -> [TeacherPart] {
    let half = count / 2
    return switch teacher {
    case .dense: [dense(0..<half), dense(half..<count)]
    case .live: [try live(0..<half), try live(half..<count)]
    case .both: [try live(0..<half), dense(half..<count)]
    }
  }

  /// The log p(label) from which on half of the predictions are easy.
  private var easyAbove: Float {
    (0..<count).map { Float(labelLogProbability($0)) }.sorted(by: >)[max(count / 2, 1) - 1]
  }

  private func labelLogProbability(_ row: Int) -> Double {
    let logits = teacherLogits(row).map(Double.init)
    return logits[Int(labels[row])] - logSumExp(logits)
  }

  func found() throws -> LossResult {
    let targets = LossTargets(
      labels: labels, signal: TeacherSignal(try parts()),
      soft: (0..<count).map { soft[$0 % 6] }, hard: (0..<count).map { hard[$0 % 6] },
      temperature: temperature, objective: objective, easyAbove: easyAbove - 1e-4)
    return LossResult(hidden: hidden, output: output, width: width, targets, normalizer: 3)
  }

  private func reference(_ row: Int) -> ObjectiveReference {
    let logits = teacherLogits(row).map { Double($0) / Double(temperature) }
    var reference = ObjectiveReference(
      objective: objective, temperature: Double(temperature), soft: Double(soft[row % 6]),
      hard: Double(hard[row % 6]), label: Int(labels[row]), teacher: softmax(logits),
      labelLogProbability: labelLogProbability(row))
    reference.isEasy = labelLogProbability(row) >= Double(easyAbove) - 1e-4
    return reference
  }

  private func logits(_ hidden: [Double], _ output: [Float]) -> [Double] {
    (0..<vocabulary).map { v in
      (0..<width).reduce(0) { $0 + hidden[$1] * Double(output[v * width + $1]) }
    }
  }

  private func row(_ row: Int) -> [Double] {
    hidden[(row * width)..<((row + 1) * width)].map(Double.init)
  }

  /// The loss, and its central differences by the hidden states.
  func expected() -> (loss: Double, hidden: [Double]) {
    var (loss, slopes): (Double, [Double]) = (0, [])
    let output = output
    for n in 0..<count {
      guard soft[n % 6] != 0 || hard[n % 6] != 0 else {
        slopes += Array(repeating: 0, count: width)
        continue
      }
      let (reference, row) = (reference(n), row(n))
      let frozen = reference.frozen(logits(row, output))
      loss += reference.value(logits(row, output), frozen) / 3
      for d in 0..<width {
        var (above, below) = (row, row)
        (above[d], below[d]) = (above[d] + 1e-5, below[d] - 1e-5)
        let rise =
          reference.value(logits(above, output), frozen)
          - reference.value(logits(below, output), frozen)
        slopes.append(rise / 2e-5 / 3)
      }
    }
    return (loss, slopes)
  }
}
