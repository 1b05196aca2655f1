@testable import Losses
import Testing

@Suite struct LearningRateScheduleTests {
  private func schedule(_ kind: LearningRateSchedule.Kind) -> LearningRateSchedule {
    LearningRateSchedule(
      kind: kind, peak: 2, totalSteps: 100, warmupSteps: 9, decaySteps: 20, minimumRatio: 0.1)
  }

  @Test(arguments: LearningRateSchedule.Kind.allCases)
  func theWarmupClimbsInEqualStepsToThePeak(kind: LearningRateSchedule.Kind) {
    let schedule = schedule(kind)
    for step in 0...9 { #expect(abs(schedule.rate(step: step) - 0.2 * Double(step + 1)) < 1e-12) }
  }

  @Test(arguments: [
    (LearningRateSchedule.Kind.constant, 2.0), (.linear, 0.2), (.cosine, 0.2),
    (.warmupStableDecay, 0.2),
  ])
  func theEndIsTheMinimum(kind: LearningRateSchedule.Kind, end: Double) {
    #expect(abs(schedule(kind).rate(step: 100) - end) < 1e-12)
    #expect(abs(schedule(kind).rate(step: 1000) - end) < 1e-12)
    #expect(schedule(kind).rate(step: 99) >= end)
  }

  @Test(arguments: LearningRateSchedule.Kind.allCases)
  func nothingClimbsAfterTheWarmup(kind: LearningRateSchedule.Kind) {
    let rates = (9...100).map(schedule(kind).rate)
    #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test func middles() {
    let half = 9 + 45  // 91 steps follow the warm-up; the middle is 45.5 in.
    #expect(abs(schedule(.linear).rate(step: half) - 2 * (1 - 0.9 * 45 / 91)) < 1e-12)
    var cosine = schedule(.cosine)
    cosine.totalSteps = 109
    #expect(abs(cosine.rate(step: 59) - 1.1) < 1e-12)
    #expect(schedule(.warmupStableDecay).rate(step: 80) == 2)
    #expect(abs(schedule(.warmupStableDecay).rate(step: 90) - 1.1) < 1e-12)
  }

  @Test func degenerateRunsStayFinite() {
    for kind in LearningRateSchedule.Kind.allCases {
      let one = LearningRateSchedule(kind: kind, peak: 1, totalSteps: 1)
      #expect(one.rate(step: 0) == 1)
      let warm = LearningRateSchedule(kind: kind, peak: 1, totalSteps: 1, warmupSteps: 1)
      #expect(warm.rate(step: 0) == 0.5)
      #expect(warm.rate(step: 1).isFinite)
    }
  }
}
