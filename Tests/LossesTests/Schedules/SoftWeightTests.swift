import Foundation
@testable import Losses
import Shards
import TestRuns
import Testing

@Suite struct SoftWeightTests {
  /// The sums of a step of ten predictions.
  private func sums(hard: Double, soft: Double, teacher: Double = 0) -> LossSums {
    var sums = LossSums()
    (sums.hard, sums.soft, sums.teacherHard, sums.count) = (
      hard * 10, soft * 10, teacher * 10, 10
    )
    return sums
  }

  private func history(
    _ steps: [LossSums], temperature: Double = 1, _ feedback: Feedback? = nil
  ) -> LossHistory {
    var history = LossHistory()
    for sums in steps { history.record(sums, temperature: temperature, feedback, nil) }
    return history
  }

  @Test func withoutFeedbackTheLabelWeighsTheRest() {
    let weights = SoftWeight(.linear(start: 1, end: 0)).weights(step: 3, of: 11, LossHistory())
    #expect(abs(weights.soft - 0.7) < 1e-12 && abs(weights.hard - 0.3) < 1e-12)
    #expect(weights.scheduled == weights.soft && weights.feedback == 1)
  }

  @Test func weightedSoftLabelsAreAddedToTheLabels() {
    let weights = SoftWeight(.constant(2.5), rule: .weightedSoftLabels)
      .weights(step: 0, of: 2, LossHistory())
    #expect(weights.soft == 2.5 && weights.hard == 1)
  }

  @Test func aBalanceMakesBothTermsEquallyLarge() {
    let soft = SoftWeight(.constant(0.5), feedback: .lossRatio(most: 10))
    #expect(soft.weights(step: 0, of: 9, LossHistory()).soft == 0.5, "nothing is known yet")
    let history = history([sums(hard: 6, soft: 0.5)], temperature: 2)
    let weights = soft.weights(step: 1, of: 9, history)
    #expect(abs(weights.soft * 4 * 0.5 - 0.5 * 6) < 1e-12, "T² counts")
    #expect(weights.hard == 0.5 && weights.feedback == 3)
    let tiny = self.history([sums(hard: 6, soft: 1e-9)])
    #expect(soft.weights(step: 1, of: 9, tiny).soft == 5, "no more than ten times")
    let none = self.history([sums(hard: 6, soft: 0)])
    #expect(soft.weights(step: 1, of: 9, none).feedback == 10)
  }

  @Test func lossesAreSmoothed() {
    let history = history([sums(hard: 4, soft: 1), sums(hard: 2, soft: 2)])
    #expect(abs((history.hard ?? 0) - 3.8) < 1e-12 && abs((history.soft ?? 0) - 1.1) < 1e-12)
  }

  @Test func theGapFallsFromOneToNothing() {
    let soft = SoftWeight(.constant(0.8), feedback: .gap)
    func weight(_ steps: [LossSums]) -> Double {
      soft.weights(step: 1, of: 9, history(steps)).soft
    }
    let wide = sums(hard: 7, soft: 1, teacher: 3)
    #expect(weight([]) == 0.8)
    #expect(weight([wide]) == 0.8)
    #expect(weight([wide, sums(hard: 9, soft: 1, teacher: 3)]) == 0.8, "never more than whole")
    let half = [wide] + Array(repeating: sums(hard: 5, soft: 1, teacher: 3), count: 200)
    #expect(abs(weight(half) - 0.4) < 1e-6)
    let better = [wide] + Array(repeating: sums(hard: 2, soft: 1, teacher: 3), count: 200)
    #expect(weight(better) == 0, "better than the teacher")
    #expect(weight([sums(hard: 2, soft: 1, teacher: 3)]) == 0.8, "no gap to begin with")
  }

  @Test func aPlateauHalvesTheWeight() {
    let feedback = Feedback.plateau(patience: 3, factor: 0.5, threshold: 0.01)
    func factor(_ losses: [Double]) -> Double {
      feedback.factor(history(losses.map { sums(hard: $0, soft: 1) }, feedback))
    }
    #expect(factor([]) == 1)
    #expect(factor([5, 5, 5]) == 1, "the first is the best, two after it are not three")
    #expect(factor([5, 5, 5, 5]) == 0.5)
    #expect(factor([5, 5, 5, 5, 5, 5]) == 0.5, "the count begins anew")
    #expect(factor([5, 5, 5, 5, 5, 5, 5]) == 0.25)
    #expect(factor((0..<12).map { 5 - Double($0) }) == 1, "a falling loss is no plateau")
  }

  @Test func theInterpolatedShareGrowsAtLeastAlongItsLine() {
    let rule = Interpolation()
    #expect(rule.share(step: 0, of: 11, LossHistory()) == 0.4)
    #expect(abs(rule.share(step: 5, of: 11, LossHistory()) - 0.7) < 1e-12)
    #expect(rule.share(step: 10, of: 11, LossHistory()) == 1)
  }

  /// Hand-worked: δ = (2 − 1) / 2, m = 0.01 δ, share + 5e-4 σ(m) (1 − share).
  @Test func aFallingLossHurriesTheShare() {
    let rule = Interpolation()
    var history = LossHistory()
    history.record(
      sums(hard: 1, soft: 2), temperature: 1, nil, (rule, 0.4))
    #expect(abs((history.share ?? 0) - (0.4 + 5e-4 * 0.5 * 0.6)) < 1e-12, "σ(0) = ½")
    let share = history.share ?? 0
    history.record(sums(hard: 1, soft: 1), temperature: 1, nil, (rule, share))
    #expect(abs(history.momentum - 0.005) < 1e-12)
    #expect(abs((history.share ?? 0) - (share + 5e-4 * 0.50124999739584 * (1 - share))) < 1e-12)
  }

  @Test func aStepWithoutPredictionsSaysNothing() {
    #expect(history([LossSums()]) == LossHistory())
  }
}

@Suite struct TokenRuleTests {
  private func share(
    _ rule: TokenRule, entropy: Double = 1, label: Double = 0.5, isRight: Bool = true,
    student: Double = 1
  ) -> Double {
    let facts = TokenRule.Facts(
      entropy: Float(entropy), labelLogProbability: Float(log(label)), argmax: isRight ? 3 : 4)
    return rule.share(facts, label: 3, studentLoss: student, vocabulary: 100)
  }

  @Test func entropyRulesReachBothEnds() {
    let most = log(100.0)
    for power in [0.5, 1, 3] {
      let (sure, unsure) = (
        TokenRule.teacherEntropy(favor: .sure, power: power),
        TokenRule.teacherEntropy(favor: .unsure, power: power)
      )
      #expect(share(sure, entropy: 0) == 1 && share(unsure, entropy: 0) == 0)
      #expect(share(sure, entropy: most) < 1e-3 && share(unsure, entropy: most) > 1 - 1e-6)
      #expect(abs(share(unsure, entropy: most / 2) - pow(0.5, power)) < 1e-6)
    }
    #expect(share(.teacherEntropy(favor: .sure, power: 1), entropy: 9) == 0, "rounded up, stored")
  }

  @Test func theTrueTokensProbabilityIsTheShare() {
    #expect(share(.trueTokenProbability(power: 1), label: 1) == 1)
    #expect(share(.trueTokenProbability(power: 1), label: 1e-30) < 1e-29)
    #expect(abs(share(.trueTokenProbability(power: 2), label: 0.5) - 0.25) < 1e-6)
  }

  @Test func aWrongTeacherHasTheOtherShare() {
    #expect(share(.teacherRight(otherwise: 0.25), isRight: true) == 1)
    #expect(share(.teacherRight(otherwise: 0.25), isRight: false) == 0.25)
  }

  @Test func weightedSoftLabelsCompareTheLosses() {
    #expect(share(.weightedSoftLabels, student: 0) == 0, "nothing to learn")
    #expect(abs(share(.weightedSoftLabels, label: exp(-2), student: 2) - (1 - exp(-1))) < 1e-6)
    #expect(share(.weightedSoftLabels, label: 1, student: 5) == 1, "a teacher without loss")
    #expect(share(.weightedSoftLabels, label: 1, student: 0.003) < 0.1, "rounded, perhaps")
    #expect(share(.weightedSoftLabels, student: 1e4) == 1)
  }
}

@Suite struct CombinedWeightTests {
  /// What the rule takes from a multiplied weight does not go to the label.
  @Test func aBalanceAndARuleKeepTheLabelsWeight() throws {
    let (hidden, output): ([Float], [Float]) = ([1, 0, 0, 1], [1, 0, 0, 1, 0.5, 0.5])
    var targets = SparseTargets()
    for _ in 0..<2 {
      targets.append(ids: [1], values: [1], argmax: 1, nextLogProbability: -1, entropy: 0)
    }
    // A scheduled weight of 0.9, times ten; the teacher is right about the second label only.
    let found = LossResult(
      hidden: hidden, output: output, width: 2,
      LossTargets(
        labels: [0, 1], signal: TeacherSignal([.sparse(targets)]), soft: [9, 9], hard: [0.1, 0.1],
        objective: Objective(rule: .teacherRight(otherwise: 0))), normalizer: 1)
    #expect(abs(found.sums.softWeight - 9) < 1e-6)
    #expect(abs(found.sums.hardWeight - (1 + 0.1)) < 1e-6)
  }
}
