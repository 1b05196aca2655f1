@testable import Base
@testable import Capture
@testable import Losses
import Shards
import TestRuns
import TestSupport
import Testing
@testable import Training

@Suite struct LossConfigTests {
  private func read(_ yaml: String) throws -> LossConfig {
    try LossConfig(try ConfigNode.parse(yaml, file: "loss.yaml"))
  }

  static let whole: [(String, LossConfig)] = [
    ("soft: {schedule: cosine, start: 0.9, end: 0.5}", .of(.cosine(start: 0.9, end: 0.5))),
    (
      "soft: {schedule: step, values: [0.9, 0.5], at: [0.6]}",
      .of(.step(values: [0.9, 0.5], at: [0.6]))
    ),
    (
      "soft: {value: 0.9, token: {rule: teacher_entropy, favor: unsure, power: 2}}",
      .of(.constant(0.9), rule: .teacherEntropy(favor: .unsure, power: 2))
    ),
    (
      "soft: {value: 0.9, token: {rule: true_token_probability}}",
      .of(.constant(0.9), rule: .trueTokenProbability(power: 1))
    ),
    (
      "soft: {value: 0.9, token: {rule: teacher_right, otherwise: 0.1}}",
      .of(.constant(0.9), rule: .teacherRight(otherwise: 0.1))
    ),
    (
      "soft: {value: 2.5, token: {rule: wsl}}",
      .of(.constant(2.5), rule: .weightedSoftLabels)
    ),
    (
      "soft: {value: 1, token: {rule: atkd}}",
      .of(.constant(1), rule: .adaptive(alpha: 0.2, easy: 0.5))
    ),
    (
      "soft: {value: 0.5, feedback: {rule: loss_ratio, most: 3}}",
      .of(.constant(0.5), feedback: .lossRatio(most: 3))
    ),
    (
      "soft: {value: 0.5, feedback: {rule: plateau, patience: 7, factor: 0.1}}",
      .of(.constant(0.5), feedback: .plateau(patience: 7, factor: 0.1, threshold: 0.001))
    ),
    ("soft: {value: 0.5, feedback: {rule: gap}}", .of(.constant(0.5), feedback: .gap)),
    (
      "{soft: {value: 1}, divergence: {kind: jensen_shannon, beta: 0.3, classes: head}}",
      .of(.constant(1), divergence: .jensenShannon(beta: 0.3), classes: .head)
    ),
    (
      "{soft: {value: 1}, divergence: {kind: alpha_beta}}",
      .of(.constant(1), divergence: .alphaBeta(alpha: 0.2, beta: 0.7))
    ),
    (
      "{soft: {value: 1}, divergence: {kind: skew_reverse_kl}}",
      .of(.constant(1), divergence: .skewReverseKL(alpha: 0.1))
    ),
    (
      "{soft: {value: 1}, target: {kind: corrected}, temperature: 2}",
      .of(.constant(1), target: .corrected(margin: 0.2), temperature: 2)
    ),
    (
      "{soft: {value: 1}, target: {kind: taid}}",
      .of(.constant(1), target: .interpolated(Interpolation()))
    ),
  ]

  @Test(arguments: whole)
  func configsSayWhatIsMinimised(yaml: String, expected: LossConfig) throws {
    let config = try read(yaml)
    #expect(config == expected)
    #expect(try read(config.resolved.value.yaml) == expected, "the way back")
  }

  @Test(arguments: [
    "soft: {schedule: cosine, start: 1}", "soft: {schedule: cosine, start: 1, end: 2}",
    "soft: {schedule: step, values: [1, 0], at: [0.7, 0.8]}",
    "soft: {schedule: step, values: [1, 0.5, 0], at: [0.8, 0.7]}",
    "soft: {schedule: step, values: [1, 3], at: [0.5]}", "soft: {value: 2.5}",
    "soft: {value: 1, start: 1}", "soft: {value: 1, token: {favor: sure}}",
    "soft: {value: 1, token: {rule: wsl, power: 2}}",
    "soft: {value: 1, token: {rule: teacher_right, otherwise: 2}}",
    "soft: {value: 1, feedback: {rule: gap, patience: 3}}",
    "soft: {value: 1, feedback: {rule: plateau, patience: 0}}",
    "{soft: {value: 1}, divergence: {kind: jensen_shannon, beta: 1}}",
    "{soft: {value: 1}, divergence: {kind: reverse_kl, alpha: 0.1}}",
    "{soft: {value: 1}, divergence: {kind: forward_kl, classes: head}}",
    "{soft: {value: 1}, divergence: {kind: alpha_beta, alpha: 1, beta: 1, classes: head}}",
    "{soft: {value: 1}, target: {kind: taid, start: 1, end: 0}}",
    "{soft: {value: 1}, target: {kind: taid}, divergence: {kind: reverse_kl}}",
    "{soft: {value: 1, token: {rule: atkd}}, divergence: {kind: reverse_kl}}",
    "{soft: {value: 1, token: {rule: atkd}}, target: {kind: corrected}}",
    "{soft: {value: 1}, temperature: 0}", "temperature: 2", "target: {kind: taid}",
    "divergence: {kind: reverse_kl}",
  ])
  func contradictionsAreRefused(yaml: String) {
    #expect(throws: ConfigError.self) { try read(yaml) }
  }

  @Test(arguments: [
    ("soft: {schedule: cosin, start: 1, end: 0}", "'cosine'"),
    ("soft: {schedule: warmup_stabel_decay, value: 1}", "'warmup_stable_decay'"),
    ("soft: {value: 1, token: {rule: teacher_entropi}}", "'teacher_entropy'"),
    ("{soft: {value: 1}, divergence: {kind: jensen_shanon}}", "'jensen_shannon'"),
    ("{soft: {value: 1}, target: {kind: tiad}}", "'taid'"),
    ("soft: {value: 1, feedback: {rule: los_ratio}}", "'loss_ratio'"),
  ])
  func aMisspeltNameNamesTheNearestOne(yaml: String, nearest: String) {
    #expect {
      try read(yaml)
    } throws: {
      "\($0)".contains("did you mean \(nearest)?") && "\($0)".hasPrefix("loss.yaml:1:")
    }
  }

  static let refused: [(LossConfig, CacheCodec)] = [
    (.of(.constant(1), temperature: 2), .sparse),
    (.of(.constant(1), divergence: .reverseKL), .sparse),
    (.of(.constant(1), divergence: .reverseKL), .topk(entries: 8, temperature: 1)),
    (
      .of(.constant(1), divergence: .reverseKL, classes: .head),
      .sample(samples: 50, temperature: 1)
    ),
    (.of(.constant(1), target: .interpolated(Interpolation())), .sparse),
    (.of(.constant(1), rule: .adaptive(alpha: 0.2, easy: 0.5)), .sparse),
    (.of(.constant(1), target: .corrected(margin: 0.2)), .topk(entries: 8, temperature: 1)),
    (
      .of(.constant(1), target: .corrected(margin: 0.2)),
      .threshold(threshold: 0.05, temperature: 2)
    ),
  ]

  @Test(arguments: refused)
  func whatSparseTargetsCannotGiveIsRefused(config: LossConfig, codec: CacheCodec) throws {
    #expect(throws: PreparationError.self) { try config.requireSupport(of: codec, path: "c") }
    guard config.temperature == nil else { return }
    try config.requireSupport(of: .dense(temperature: codec.temperature), path: "c")
  }

  @Test func whatSparseTargetsCanGiveIsTaken() throws {
    try LossConfig.of(.constant(1), temperature: 1).requireSupport(of: .sparse, path: "c")
    try LossConfig.of(.constant(1), target: .corrected(margin: 0.2))
      .requireSupport(of: .sparse, path: "c")
    for codec in [CacheCodec.sparse, .topk(entries: 8, temperature: 2)] {
      try LossConfig.of(.constant(1), divergence: .reverseKL, classes: .head)
        .requireSupport(of: codec, path: "c")
    }
  }

  @Test func anotherTemperatureSaysWhatToDo() {
    let error = PreparationError.temperature(asked: 2, cache: 1, path: "runs/cache")
    #expect("\(error)".contains("--temperature 2.0") && "\(error)".contains("runs/cache"))
  }
}

extension LossConfig {
  fileprivate static func of(
    _ schedule: WeightSchedule, rule: TokenRule = .uniform, feedback: Feedback? = nil,
    divergence: Divergence = .forwardKL, classes: DivergenceConfig.Classes = .tokens,
    target: TargetConfig = .teacher, temperature: Double? = nil
  ) -> LossConfig {
    var config = LossConfig(soft: SoftWeight(schedule, rule: rule, feedback: feedback))
    (config.divergence.divergence, config.divergence.classes) = (divergence, classes)
    (config.target, config.temperature) = (target, temperature)
    return config
  }
}
