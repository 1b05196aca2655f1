import Losses
import Shards
import Tensors
import TestRuns
import TestSupport
import Testing

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
