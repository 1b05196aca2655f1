@testable import Measuring
import Testing

@Suite struct DraftSpeedTests {
  /// Texts of which each token is accepted with one probability, a little more in every other text.
  private func report(_ acceptance: Double, texts: Int = 8) throws -> DraftReport {
    let texts = (0..<texts).map { number in
      var scores = DraftText.Acceptances()
      let own = acceptance + (number % 2 == 0 ? 0.01 : -0.01)
      for _ in 0..<40 { scores.add(expected: own, accepted: own) }
      return DraftText(
        prompt: [1], sampled: Array(repeating: 1, count: 40), greedy: [1],
        acceptances: [.sampled: scores])
    }
    return try #require(DraftReport(texts, longest: 5))
  }

  private let times = times(draft: 0.59605)

  private static func times(draft: Double...) -> DraftTimes {
    DraftTimes(draft.map { .init(draft: $0, target: Array(repeating: 1, count: 6)) })
  }

  @Test func theVerdictSaysByHowMuch() throws {
    let speed = DraftSpeed(try report(0.81293), times)
    let found = try #require(speed.kinds[.sampled])
    #expect(found.bestLength == 1 && abs(found.bestSpeedUp - 1.1359) < 1e-3)
    #expect(found.pays == true && found.verdict.contains("pays, 1.136 ± 0.002"))
    #expect(found.verdict.contains("with 1 drafted token a round"))
    #expect(abs(found.speedUps[4] - 0.9554) < 2e-3)
    #expect(abs((speed.breakEven ?? 0) - 0.59605) < 1e-9)
  }

  @Test func aDraftThatDoesNotPayIsToldWhatItWouldTake() throws {
    let found = try #require(DraftSpeed(try report(0.4), times).kinds[.sampled])
    #expect(found.pays == false && found.verdict.contains("does not pay, at best 0.877"))
    #expect(found.verdict.contains("it takes an acceptance of 0.596 at every position"))
    let worse = try #require(
      DraftSpeed(try report(0.9), Self.times(draft: 2)).kinds[.sampled])
    #expect(worse.pays == false && worse.verdict.contains("not even a perfect draft"))
  }

  /// A model that drafts for itself gains nothing; its times differ from one turn to the next.
  @Test func whatTheClockCannotTellIsNotClaimed() throws {
    let times = Self.times(draft: 0.9, 1.02, 0.97)
    let found = try #require(DraftSpeed(try report(0.99), times).kinds[.sampled])
    #expect(found.bestSpeedUp > 1 && found.pays == nil)
    #expect(try #require(found.bestStandardError) > 0.01)
  }

  @Test(arguments: [1, 8])
  func whatCannotBeToldIsNotClaimed(texts: Int) throws {
    // One text tells no error; of several, break-even lies within it.
    let report = try report(texts == 1 ? 0.9 : 0.596, texts: texts)
    let found = try #require(DraftSpeed(report, times).kinds[.sampled])
    #expect(found.pays == nil && found.verdict.contains("not told apart from no gain"))
    #expect((found.bestStandardError == nil) == (texts == 1))
  }
}
