@testable import Capture
import Foundation
@testable import Losses
import Models
import Shards
import Tensors
import TestRuns
import TestSupport
import Testing
import Text
@testable import Training

/// What the metrics say was applied, recomputed from outside.
@Suite struct AppliedWeightsTests {
  static let losses = [
    "{value: 0.7}", "{schedule: cosine, start: 0.9, end: 0.1}",
    "{schedule: warmup_stable_decay, value: 0.9, warmup: 0.3, decay: 0.3}",
    "{value: 0.8, token: {rule: teacher_entropy}}",
    "{value: 0.8, token: {rule: true_token_probability, power: 0.5}}",
    "{value: 0.8, token: {rule: teacher_right, otherwise: 0.3}}",
    "{value: 2.5, token: {rule: wsl}}", "{value: 0.9, token: {rule: atkd}}",
    "{value: 0.5, feedback: {rule: loss_ratio}}", "{value: 0.9, feedback: {rule: gap}}",
    "{value: 0.9, feedback: {rule: plateau, patience: 2}}",
  ]

  private func records(_ folder: URL, _ overrides: [String]) throws -> [MetricsRecord] {
    let run = try TinyRun(.dense, in: folder)
    _ = try run.prepare("run", overrides: overrides).run()
    return try MetricsLog(path: run.output("run").path + "/metrics.jsonl").records()
      .filter { $0.loss != nil }
  }

  @Test(arguments: losses)
  func theLossIsTheSumOfItsLoggedTerms(loss: String) throws {
    try withTemporaryDirectory { folder in
      for record in try records(folder, ["loss.soft=\(loss)"]) {
        let (soft, hard) = (try #require(record.softTerm), try #require(record.hardTerm))
        let total = soft + hard + (record.routerLoss ?? 0)
        #expect(abs(total - (try #require(record.loss))) < 1e-5 * total)
      }
    }
  }

  /// Weights that are the same for all predictions of a step multiply the mean losses.
  @Test(arguments: losses.filter { !$0.contains("token") })
  func theLoggedWeightIsTheOneApplied(loss: String) throws {
    try withTemporaryDirectory { folder in
      let records = try records(folder, ["loss.soft=\(loss)"])
      for record in records {
        let (weight, mean) = (try #require(record.softWeight), try #require(record.softLoss))
        #expect(abs(weight * mean - (try #require(record.softTerm))) < 1e-5)
        let (hardWeight, hardMean) = (
          try #require(record.hardWeight), try #require(record.hardLoss)
        )
        #expect(abs(hardWeight * hardMean - (try #require(record.hardTerm))) < 1e-5)
        let scheduled = try #require(record.scheduledWeight) * (record.feedback ?? 1)
        #expect(abs(scheduled - weight) < 1e-6)
      }
      let moves = loss.contains("schedule") || loss.contains("loss_ratio")
      #expect(Set(records.compactMap(\.softWeight)).count > (moves ? 1 : 0))
    }
  }

  @Test func theInterpolatedTargetsShareIsLogged() throws {
    try withTemporaryDirectory { folder in
      let shares = try records(folder, ["loss.soft={value: 1}", "loss.target={kind: taid}"])
        .compactMap(\.teacherShare)
      #expect(shares.count == 10 && shares.first == 0.4 && shares.last == 1)
      #expect(shares == shares.sorted())
    }
  }

  static let rules: [TokenRule] = [
    .uniform, .teacherEntropy(favor: .sure, power: 1), .teacherEntropy(favor: .unsure, power: 2),
    .trueTokenProbability(power: 1), .teacherRight(otherwise: 0.25), .weightedSoftLabels,
    .adaptive(alpha: 0.2, easy: 0.5),
  ]

  /// A step's terms and weights against float64, from the student's logits before the step and the
  /// cached targets alone.
  @Test(arguments: rules)
  func aStepAppliesItsRule(rule: TokenRule) throws {
    let runner = TeacherRunner(teacher: try Tiny.decoder("llama_tied"), codec: .whole, seed: 1)
    let samples = try Tiny.sequences(3).enumerated().map { index, sequence in
      TrainingSample(
        sequence: sequence, targets: try runner.targets(sequence, identity: UInt64(index)))
    }
    let student = Tiny.student()
    let expected = samples.map { Outside($0, student, rule) }
    let easyAbove = Outside.easyAbove(expected, rule)
    let trainer = Trainer(
      student: student, optimizer: AdamW(count: student.parameters.count, AdamW.Settings()))
    let report = try trainer.step(
      [samples],
      StepSettings(
        learningRate: 1e-3, softWeight: 0.6, hardWeight: rule.leavesHardWeight ? 1 : 0.4,
        objective: Objective(rule: rule)))
    var sums = LossSums()
    for outside in expected { sums += outside.sums(easyAbove) }
    #expect(report.sums.count == sums.count)
    for (found, expected) in [
      (report.sums.softWeight, sums.softWeight), (report.sums.hardWeight, sums.hardWeight),
      (report.sums.softTerm, sums.softTerm), (report.sums.hardTerm, sums.hardTerm),
    ] { #expect(abs(found - expected) < 2e-3 * max(1, abs(expected)), "\(rule)") }
    let terms = (report.sums.softTerm + report.sums.hardTerm) / Double(report.sums.count)
    #expect(abs(report.loss - terms - report.routerLoss) < 1e-5)
  }
}

/// A sequence's predictions as the reference sees them.
private struct Outside {
  private var rows: [(logits: [Double], reference: ObjectiveReference)] = []

  init(_ sample: TrainingSample, _ student: Models.Decoder, _ rule: TokenRule) {
    let logits = student.logits(TokenBatch([sample.sequence]))
    guard case .dense(let targets)? = sample.targets else { return }
    let width = logits.shape[1]
    let values = logits.withValues { $0.map(Double.init) }
    for (row, label) in sample.sequence.labels.enumerated()
    where sample.sequence.lossMask?[row] ?? true {
      let reference = ObjectiveReference(
        objective: Objective(rule: rule), temperature: 1, soft: 0.6,
        hard: rule.leavesHardWeight ? 1 : 0.4, label: Int(label),
        teacher: targets.probabilities(at: row).map(Double.init),
        labelLogProbability: Double(targets.nextLogProbability[row]))
      rows.append((Array(values[(row * width)..<((row + 1) * width)]), reference))
    }
  }

  /// The log p(label) that half of all rows reach.
  static func easyAbove(_ all: [Outside], _ rule: TokenRule) -> Double {
    let logs = all.flatMap { $0.rows.map(\.reference.labelLogProbability) }.sorted(by: >)
    return logs[Int((Double(logs.count) / 2).rounded()) - 1]
  }

  func sums(_ easyAbove: Double) -> LossSums {
    var sums = LossSums()
    for (logits, reference) in rows {
      var reference = reference
      reference.isEasy = reference.labelLogProbability >= easyAbove
      let frozen = reference.frozen(logits)
      let cross = logSumExp(logits) - logits[reference.label]
      let divergence = reference.divergence(frozen.target, softmax(logits))
      sums.softWeight += frozen.soft
      sums.hardWeight += frozen.hard
      sums.softTerm += frozen.soft * divergence
      sums.hardTerm += frozen.hard * cross
      sums.count += 1
    }
    return sums
  }
}
