@testable import Studies
import Testing

@Suite struct HalvingRoundTests {
  private func round(
    _ losses: [(String, Double)], racing: Int? = nil, keep: Double = 0.5, pinned: String? = nil
  ) -> HalvingRound {
    HalvingRound(
      share: 0.5,
      losses.map { .init(arm: $0.0, nll: $0.1, mayStop: $0.0 != pinned) },
      racing: racing ?? losses.count, rule: HalvingConfig(shares: [0.5], keep: keep))
  }

  @Test func theWorstStop() {
    let round = round([("a", 3), ("b", 1), ("c", 4), ("d", 2)])
    #expect(round.standings.map(\.arm) == ["b", "d", "a", "c"])
    #expect(round.stopped == ["a", "c"])
  }

  @Test func whatIsNoNumberIsWorstAndEqualsKeepTheirOrder() {
    #expect(round([("a", .nan), ("b", 9)]).stopped == ["a"])
    #expect(round([("a", 1), ("b", 1), ("c", 1), ("d", 1)]).stopped == ["c", "d"])
  }

  @Test func oneAlwaysGoesOn() {
    #expect(round([("a", 2), ("b", 1)], keep: 0.01).stopped == ["a"])
    #expect(round([("a", 2)], keep: 0.01).stopped.isEmpty)
  }

  @Test func armsThatCouldNotBeJudgedGoOn() {
    // Of four, two may stop; two were judged, of which one always goes on.
    #expect(round([("a", 2), ("b", 1)], racing: 4).stopped == ["a"])
    #expect(round([], racing: 4).stopped.isEmpty)
  }

  @Test func finishedArmsAreNotStopped() {
    #expect(round([("a", 3), ("b", 1)], pinned: "a").stopped.isEmpty)
  }
}
