import Foundation
import Reports

/// A made-up study of some arms, seeds and logged steps; the numbers mean nothing.
func sampleStudy(
  arms names: [String], seeds: Int = 3, steps: Int = 40, isNoisy: Bool = false
) -> StudyReport {
  var report = StudyReport(
    title: "A study", created: "1 May", version: "1.2.3", commands: ["codistill compare x.yaml"],
    conclusion: "One is better by 0.1 ± 0.01.", notes: ["3 seeds: an indication."])
  report.ranking = names.enumerated().map { number, name in sampleRow(name, number, seeds) }
  report.runs = names.enumerated().flatMap { number, name in
    (0..<seeds).map { sampleRun(name, number, seed: $0, steps, isNoisy) }
  }
  report.positions = names.enumerated().map { number, name in
    let losses = (1...300).map { 3 + 0.01 * Double(number) + 4 / Double($0) }
    return .init(arm: name, bins: StudyReport.PositionBin.logarithmic(losses))
  }
  report.groups = ["English", "code"].map { group in
    .init(
      name: group,
      arms: names.enumerated().map { .init(arm: $1, nll: 3 + 0.1 * Double($0), halfWidth: 0.02) })
  }
  report.samples = [.init(prompt: "Once", texts: names.map { .init(arm: $0, text: "upon a time") })]
  report.differences = [
    .init(key: "loss.temperature", values: names.map { .init(arm: $0, text: "1") })
  ]
  report.common = [.init(key: "training.steps", value: "40")]
  report.pairs = names.dropFirst().map {
    .init(
      arm: names[0], other: $0, difference: -0.1, halfWidth: 0.01, holmP: 0.02, verdict: "better")
  }
  return report
}

private func sampleRow(_ name: String, _ number: Int, _ seeds: Int) -> StudyReport.Row {
  let nll = 3 + 0.1 * Double(number)
  var row = StudyReport.Row(
    arm: name, seeds: seeds, nll: nll, nllHalfWidth: 0.02, perplexity: exp(nll), tokens: 12_000,
    seconds: 60)
  row.seedNLLs = (0..<seeds).map { nll + 0.01 * Double($0) }
  (row.kl, row.klStandardError, row.top1, row.acceptance) = (0.4, 0.01, 0.6, 0.7)
  if number > 0 { (row.difference, row.differenceHalfWidth, row.holmP) = (nll - 3, 0.01, 0.02) }
  return row
}

private func sampleRun(
  _ name: String, _ number: Int, seed: Int, _ steps: Int, _ isNoisy: Bool
) -> StudyReport.Run {
  let points = (1...steps).map { step in
    let noise = isNoisy ? Double((step * 7919 + seed * 104_729 + number * 31) % 1000) / 1000 : 0
    let value = 3 + 0.1 * Double(number) + 5 / Double(step) + noise + 0.01 * Double(seed)
    return StudyReport.Point(step: step, value: value)
  }
  return .init(
    arm: name, seed: seed, trainingLoss: points, heldOutNLL: points, softWeight: points,
    hardWeight: points, learningRate: points)
}
