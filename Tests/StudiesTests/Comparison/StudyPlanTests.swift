@testable import Studies
import Testing

@Suite struct StudyPlanTests {
  private func plan(open: Int, peakBytes: Int) -> StudyPlan {
    StudyPlan(
      runs: 10, openRuns: open, stepsPerRun: 5, steps: 5 * open, tokens: 500 * open,
      trainingSeconds: 100, measuringSeconds: 20, peakBytes: peakBytes, isMeasured: true)
  }

  @Test(arguments: [
    (4, 10, 1_000, 100_000, 4), (4, 3, 1_000, 100_000, 3), (4, 10, 1_000, 3_000, 2),
    (4, 10, 1_000, 500, 1), (1, 10, 1_000, 100_000, 1), (4, 10, 0, 1, 4),
  ])
  func noMoreProcessesThanWorkAndMemory(
    wanted: Int, open: Int, peak: Int, memory: Int, expected: Int
  ) {
    #expect(plan(open: open, peakBytes: peak).jobs(wanted, memory: memory) == expected)
  }

  @Test func theSpeedIsThatOfTraining() {
    let plan = plan(open: 10, peakBytes: 1)
    #expect(plan.seconds == 120 && plan.tokensPerSecond == 50)
  }
}
