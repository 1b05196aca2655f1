@testable import Losses
import Testing

@Suite struct WeightScheduleTests {
  @Test func aConstantStaysAsItIs() {
    #expect((0..<50).allSatisfy { WeightSchedule.constant(0.9).weight(step: $0, of: 50) == 0.9 })
  }

  @Test func aLineReachesBothEnds() {
    let line = WeightSchedule.linear(start: 1, end: 0.2)
    #expect(line.weight(step: 0, of: 101) == 1)
    #expect(abs(line.weight(step: 50, of: 101) - 0.6) < 1e-12)
    #expect(abs(line.weight(step: 100, of: 101) - 0.2) < 1e-12)
    #expect(line.weight(step: 0, of: 1) == 1)
  }

  @Test func halfACosineReachesBothEnds() {
    let cosine = WeightSchedule.cosine(start: 0.9, end: 0.5)
    #expect(abs(cosine.weight(step: 0, of: 101) - 0.9) < 1e-12)
    #expect(abs(cosine.weight(step: 25, of: 101) - (0.7 + 0.2 * 0.5.squareRoot())) < 1e-12)
    #expect(abs(cosine.weight(step: 50, of: 101) - 0.7) < 1e-12)
    #expect(abs(cosine.weight(step: 100, of: 101) - 0.5) < 1e-12)
    #expect(cosine.weight(step: 0, of: 1) == 0.9)
  }

  @Test func stepsBeginAtTheirShares() {
    let steps = WeightSchedule.step(values: [0.9, 0.5, 0.1], at: [0.6, 0.8])
    let weights = [0, 59, 60, 79, 80, 100].map { steps.weight(step: $0, of: 101) }
    #expect(weights == [0.9, 0.9, 0.5, 0.5, 0.1, 0.1])
    #expect(WeightSchedule.step(values: [0.3], at: []).weight(step: 7, of: 9) == 0.3)
  }

  @Test func warmupStableDecayIsATrapezoid() {
    let schedule = WeightSchedule.warmupStableDecay(maximum: 0.8)
    let weights = (0..<1000).map { schedule.weight(step: $0, of: 1000) }
    #expect(weights[0] == 0)
    #expect(abs(weights[50] - 0.4) < 1e-12)
    #expect(weights[100...989].allSatisfy { $0 == 0.8 })
    #expect(abs(weights[994] - 0.4) < 1e-12)
    #expect(weights[999] == 0)
    #expect(weights.max() == 0.8)
  }

  @Test func rampsOfNoLengthLeaveAConstant() {
    let schedule = WeightSchedule.warmupStableDecay(maximum: 0.7, warmup: 0, decay: 0)
    #expect((0..<10).allSatisfy { schedule.weight(step: $0, of: 10) == 0.7 })
  }

  @Test func aScheduleSaysWhetherItIsZeroThroughout() {
    let zero: [WeightSchedule] = [
      .constant(0), .linear(start: 0, end: 0), .cosine(start: 0, end: 0),
      .step(values: [0, 0], at: [0.5]), .warmupStableDecay(maximum: 0),
    ]
    let other: [WeightSchedule] = [
      .constant(0.1), .linear(start: 0, end: 0.1), .cosine(start: 0.1, end: 0),
      .step(values: [0, 0.1], at: [0.5]), .warmupStableDecay(maximum: 0.1),
    ]
    #expect(zero.allSatisfy(\.isZero) && !other.contains(where: \.isZero))
  }

  @Test(arguments: [1, 2, 3, 7])
  func shortRunsStayWithinTheMaximum(steps: Int) {
    let schedule = WeightSchedule.warmupStableDecay(maximum: 0.9, warmup: 0.5, decay: 0.5)
    for step in 0..<steps { #expect((0...0.9).contains(schedule.weight(step: step, of: steps))) }
  }
}
