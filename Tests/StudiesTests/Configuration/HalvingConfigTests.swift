@testable import Studies
import Testing

@Suite struct HalvingConfigTests {
  @Test(arguments: [(8, 0.5, 4), (7, 0.5, 4), (3, 0.1, 1), (10, 0.3, 3), (2, 0.9, 2), (1, 0.5, 1)])
  func noFewerThanTheShareGoOn(arms: Int, keep: Double, expected: Int) {
    #expect(HalvingConfig(shares: [0.5], keep: keep).survivors(of: arms) == expected)
  }

  @Test(arguments: [(0.25, 40, 10), (0.1, 30, 3), (0.5, 3, 2), (0.01, 10, 1), (0.99, 10, 10)])
  func aShareOfTheStepsIsAWholeNumber(share: Double, steps: Int, expected: Int) {
    #expect(HalvingConfig.steps(share, of: steps) == expected)
  }

  @Test func theWorkIsThatOfTheArmsThatGoOn() {
    // 8 arms to a quarter, 4 to a half, 2 to the end: 2 + 1 + 1 of 8.
    let rule = HalvingConfig(shares: [0.25, 0.5], keep: 0.5)
    #expect(abs(rule.workShare(of: 8) - 0.5) < 1e-12)
  }
}
