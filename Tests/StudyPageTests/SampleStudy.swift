import Foundation
@testable import Measuring
@testable import Studies

@testable import StudyPage
@testable import Training

/// A made-up study of some arms, seeds and logged steps; the numbers mean nothing.
func sampleStudy(
  arms names: [String], seeds: Int = 3, steps: Int = 40, isNoisy: Bool = false
) -> Study {
  var study = Study(
    title: "A study", created: "1 May", version: "1.2.3", command: "codistill compare x.yaml",
    conclusion: "One is better by 0.1 ± 0.01.", notes: ["3 seeds: an indication."])
  study.ranking = names.enumerated().map { number, name in sampleArm(name, number, seeds) }
  study.runs = names.enumerated().flatMap { number, name in
    (0..<seeds).map { sampleRun(name, number, seed: $0, steps, isNoisy) }
  }
  study.positions = names.enumerated().map { number, name in
    let losses = (1...300).map { 3 + 0.01 * Double(number) + 4 / Double($0) }
    return .init(arm: name, bins: PositionBin.logarithmic(losses))
  }
  study.groups = ["English", "code"].map { group in
    .init(
      name: group, tokens: 100,
      arms: names.enumerated().map { .init(arm: $1, nll: 3 + 0.1 * Double($0), halfWidth: 0.02) })
  }
  study.samples = [.init(prompt: "Once", texts: names.map { .init(arm: $0, text: "upon a time") })]
  study.differences = [
    .init(key: "loss.temperature", values: names.map { .init(arm: $0, text: "1") })
  ]
  study.common = [.init(key: "training.steps", value: "40")]
  study.pairs = names.dropFirst().map { name in
    RankedPair(
      first: names[0], second: name,
      comparison: PairedComparison(
        seeds: Array(0..<seeds), differences: Array(repeating: -0.1, count: seeds),
        resampled: [-0.11, -0.09], documents: 2), adjustedP: 0.02)
  }
  return study
}

private func sampleArm(_ name: String, _ number: Int, _ seeds: Int) -> ArmReport {
  let nll = 3 + 0.1 * Double(number)
  var arm = ArmReport(
    name: name, seeds: Array(0..<seeds), nlls: (0..<seeds).map { nll + 0.01 * Double($0) },
    nll: nll, nllHalfWidth: 0.02, perplexity: exp(nll), kl: 0.4, klStderr: 0.01,
    top1Agreement: 0.6, acceptance: 0.7, tokens: 12_000, seconds: 60, divergedSeeds: [],
    isPlain: false, sharesOrder: true)
  guard number > 0 else { return arm }
  arm.difference = nll - 3
  arm.differenceHalfWidth = 0.01
  arm.holmP = 0.02
  return arm
}

private func sampleRun(
  _ name: String, _ number: Int, seed: Int, _ steps: Int, _ isNoisy: Bool
) -> Study.LoggedRun {
  let records = (1...steps).map { step in
    let noise = isNoisy ? Double((step * 7919 + seed * 104_729 + number * 31) % 1000) / 1000 : 0
    let value = 3 + 0.1 * Double(number) + 5 / Double(step) + noise + 0.01 * Double(seed)
    return sampleRecord(step: step, value)
  }
  return .init(arm: name, records: records)
}

/// A record of a step in which everything that is drawn was the same number.
func sampleRecord(step: Int, _ value: Double) -> MetricsRecord {
  var record = MetricsRecord(step: step, tokens: step)
  record.loss = value
  record.heldOutNll = value
  record.softWeight = value
  record.hardWeight = value
  record.learningRate = value
  return record
}
