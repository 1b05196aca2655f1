import Foundation
import Losses
import Shards
import TestRuns
import TestSupport

/// The distillation loss and its gradients as the formulas say them, in float64.
struct LossReference {
  /// One prediction: its label, its weights, and the teacher's t with its entropy.
  struct Row {
    var label: Int
    var soft: Double
    var hard: Double
    var teacher: [Double]?
    var entropy = 0.0
    /// The tokens that a truncated teacher's t is about; all others are one class.
    var kept: Set<Int>?
  }

  var rows: [Row]
  var vocabulary: Int
  var width: Int
  var temperature: Double
  var normalizer: Double

  /// The loss of hidden states (N, D) and an output projection (V, D), with its gradients.
  func callAsFunction(
    hidden: [Double], output: [Double]
  ) -> (loss: Double, hidden: [Double], output: [Double]) {
    var loss = 0.0
    var (dHidden, dOutput) = (hidden.map { _ in 0.0 }, output.map { _ in 0.0 })
    for (n, row) in rows.enumerated() {
      let h = Array(hidden[(n * width)..<((n + 1) * width)])
      let logits = (0..<vocabulary).map { v in
        h.indices.reduce(0) { $0 + h[$1] * output[v * width + $1] }
      }
      loss += value(row, logits) / normalizer
      for (v, slope) in slopes(row, logits).enumerated() where slope != 0 {
        for d in 0..<width {
          dHidden[n * width + d] += slope / normalizer * output[v * width + d]
          dOutput[v * width + d] += slope / normalizer * h[d]
        }
      }
    }
    return (loss, dHidden, dOutput)
  }

  /// `hard · CE + soft · T² (a log Σ exp(z / T) − Σ t z / T − H)`.
  private func value(_ row: Row, _ logits: [Double]) -> Double {
    let hard = row.hard * (logSumExp(logits) - logits[row.label])
    guard let teacher = row.teacher else { return hard }
    let scaled = logits.map { $0 / temperature }
    if let kept = row.kept, kept.count < vocabulary {
      return hard + row.soft * temperature * temperature * bucketed(teacher, kept, scaled)
    }
    let product = zip(teacher, scaled).reduce(0) { $0 + $1.0 * $1.1 }
    let divergence = teacher.reduce(0, +) * logSumExp(scaled) - product - row.entropy
    return hard + row.soft * temperature * temperature * divergence
  }

  /// `Σ p log (p / q)` over the kept tokens and the class of all others; a mass below zero, which
  /// rounding makes, has no logarithm of its own.
  private func bucketed(_ teacher: [Double], _ kept: Set<Int>, _ scaled: [Double]) -> Double {
    let normalizer = logSumExp(scaled)
    let others = scaled.indices.filter { !kept.contains($0) }
    let mass = 1 - teacher.reduce(0, +)
    let tail = mass * (log(max(mass, 1e-300)) - logSumExp(others.map { scaled[$0] }) + normalizer)
    let tailBelowZero = mass * (normalizer - logSumExp(others.map { scaled[$0] }))
    return kept.reduce(mass > 0 ? tail : tailBelowZero) {
      $0 + teacher[$1] * (log(teacher[$1]) - scaled[$1] + normalizer)
    }
  }

  /// `hard (q − onehot) + soft T (a q_T − t)`; `soft T q_T (1 − p_g / q_g)` outside a truncated t.
  private func slopes(_ row: Row, _ logits: [Double]) -> [Double] {
    var slopes = softmax(logits).map { row.hard * $0 }
    slopes[row.label] -= row.hard
    guard let teacher = row.teacher else { return slopes }
    let mass = teacher.reduce(0, +)
    let q = softmax(logits.map { $0 / temperature })
    let kept = row.kept ?? Set(0..<vocabulary)
    guard kept.count < vocabulary else {
      for v in slopes.indices { slopes[v] += row.soft * temperature * (mass * q[v] - teacher[v]) }
      return slopes
    }
    let tail = q.indices.reduce(0) { kept.contains($1) ? $0 : $0 + q[$1] }
    for v in slopes.indices {
      let pull = kept.contains(v) ? q[v] - teacher[v] : q[v] - (1 - mass) * (q[v] / tail)
      slopes[v] += row.soft * temperature * pull
    }
    return slopes
  }
}

/// A loss to compute both ways: random hidden states, projection, labels and teacher.
struct LossProblem {
  enum Teacher: String, CaseIterable, Sendable { case none, sparse, truncated, dense }

  var count: Int
  var vocabulary: Int
  var width = 5
  var teacher = Teacher.sparse
  var temperature: Float = 1
  /// Both weights of each prediction, taken in turn.
  var weights: [(soft: Float, hard: Float)] = [(0.7, 0.3), (0, 0), (1, 0), (0, 1), (0.2, 1.5)]
  var normalizer: Float = 3

  var hidden: [Float] { .random(count * width, seed: 11) }
  var output: [Float] { .random(vocabulary * width, seed: 12, deviation: 0.8) }
  var labels: [Int32] { (0..<count).map { Int32($0 * 7 % vocabulary) } }

  var targets: LossTargets {
    LossTargets(
      labels: labels, signal: TeacherSignal(parts),
      soft: (0..<count).map { weights[$0 % weights.count].soft },
      hard: (0..<count).map { weights[$0 % weights.count].hard }, temperature: temperature)
  }

  /// The same predictions for the reference.
  var reference: LossReference {
    let parts = parts
    let rows = (0..<count).map { n in
      let weight = weights[n % weights.count]
      var row = LossReference.Row(
        label: Int(labels[n]), soft: Double(weight.soft), hard: Double(weight.hard))
      (row.teacher, row.entropy) = distribution(n, parts)
      if teacher == .truncated {
        row.kept = Set((row.teacher ?? []).indices.filter { (row.teacher ?? [])[$0] > 0 })
      }
      return row
    }
    return LossReference(
      rows: rows, vocabulary: vocabulary, width: width, temperature: Double(temperature),
      normalizer: Double(normalizer))
  }

  /// Two sequences' targets, so that rows are looked up across parts.
  private var parts: [Targets] {
    let split = count / 2
    return [0..<split, split..<count].compactMap { rows in
      switch teacher {
      case .none: nil
      case .sparse: .sparse(sparse(rows))
      case .truncated: .sparse(sparse(rows, isTruncated: true))
      case .dense: .dense(dense(rows))
      }
    }
  }

  /// Three entries of arbitrary mass, below and above 1, as few as the vocabulary allows.
  private func sparse(_ rows: Range<Int>, isTruncated: Bool = false) -> SparseTargets {
    var targets = SparseTargets(isTruncated: isTruncated)
    for row in rows {
      let ids = Set([row % vocabulary, row * 3 % vocabulary, vocabulary - 1]).sorted()
      targets.append(
        ids: ids.map { Int32($0) }, values: ids.map { 0.2 + Float(($0 + row) % 5) * 0.1 },
        argmax: Int32(ids[0]), nextLogProbability: -1, entropy: 0.3 + Float(row % 4))
    }
    return targets
  }

  private func dense(_ rows: Range<Int>) -> DenseTargets {
    var targets = DenseTargets(vocabularySize: vocabulary)
    for row in rows {
      [Float].random(vocabulary, seed: UInt64(100 + row), deviation: 2).withUnsafeBufferPointer {
        try? targets.append(logits: $0, nextToken: 0, temperature: Double(temperature))
      }
    }
    return targets
  }

  private func distribution(_ n: Int, _ parts: [Targets]) -> ([Double]?, Double) {
    let split = count / 2
    switch parts.isEmpty ? nil : parts[n < split ? 0 : 1] {
    case .sparse(let targets):
      let row = n < split ? n : n - split
      var t = [Double](repeating: 0, count: vocabulary)
      for entry in targets.entries(of: row) {
        t[Int(targets.ids[entry])] = Double(targets.values[entry])
      }
      return (t, Double(targets.entropy[row]))
    case .dense(let targets):
      let row = n < split ? n : n - split
      let p = targets.probabilities(at: row).map(Double.init)
      // Of the stored, rounded distribution, so that the divergence from itself is 0.
      return (p, p.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 })
    case nil: return (nil, 0)
    }
  }
}

extension LossResult {
  init(_ problem: LossProblem, chunkRows: Int = 336) {
    self.init(
      hidden: problem.hidden, output: problem.output, width: problem.width, problem.targets,
      normalizer: problem.normalizer, chunkRows: chunkRows)
  }
}
