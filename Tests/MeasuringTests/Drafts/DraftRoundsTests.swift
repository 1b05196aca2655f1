@testable import Measuring
import TestSupport
import Testing

@Suite struct DraftRoundsTests {
  /// All outcomes of the tokens' own chances, one after the other: what rounds they make.
  private func enumerated(_ accepted: [Double], length: Int, beginnings: Int) -> [Double] {
    var expected = Array(repeating: 0.0, count: length + 1)
    for outcome in 0..<(1 << accepted.count) {
      let isAccepted = accepted.indices.map { outcome >> $0 & 1 == 1 }
      let probability = zip(accepted, isAccepted).reduce(1) { $0 * ($1.1 ? $1.0 : 1 - $1.0) }
      var token = 0
      while token < beginnings {
        var kept = 0
        while kept < length, isAccepted[token + kept] { kept += 1 }
        for drafted in 0...kept { expected[drafted] += probability }
        token += kept + 1
      }
    }
    return expected
  }

  @Test(arguments: 1...4)
  func roundsAreThoseOfAllOutcomes(length: Int) {
    let accepted = [Float].random(12, seed: UInt64(length)).map { Double(abs($0)) }
    for beginnings in [0, 1, 5, 12 - length] {
      let found = DraftRounds(accepted: accepted, length: length, beginnings: beginnings)
      let expected = enumerated(accepted, length: length, beginnings: beginnings)
      for (value, wanted) in zip(found.accepting, expected) {
        #expect(abs(value - wanted) < 1e-12)
      }
    }
  }

  @Test func equalAcceptancesGiveTheClosedForm() {
    let rounds = DraftRounds(
      accepted: Array(repeating: 0.7, count: 50), length: 5, beginnings: 45)
    let expected = DraftCosts.tokensPerRound(acceptance: 0.7, length: 5)
    #expect(abs(rounds.tokens / rounds.accepting[0] - expected) < 1e-12)
    for (kept, next) in zip(rounds.accepting, rounds.accepting.dropFirst()) {
      #expect(abs(next / kept - 0.7) < 1e-12)
    }
  }

  @Test func certaintyNeedsNoChance() {
    let all = DraftRounds(accepted: Array(repeating: 1, count: 20), length: 3, beginnings: 17)
    #expect(all.accepting == [5, 5, 5, 5], "rounds at 0, 4, 8, 12 and 16")
    let none = DraftRounds(accepted: Array(repeating: 0, count: 20), length: 3, beginnings: 17)
    #expect(none.accepting == [17, 0, 0, 0] && none.tokens == 17)
  }

  @Test func aRatioHasTheErrorOfARatio() throws {
    let (upper, lower) = ([3.0, 5, 0, 9], [1.0, 2, 0, 3])
    let ratio = DocumentRatio(upper, over: lower)
    #expect(ratio.value == 17.0 / 6 && ratio.documents == 3)
    let squares = zip(upper, lower).reduce(0) { sum, pair in
      let residual = pair.0 - 17.0 / 6 * pair.1
      return sum + residual * residual
    }
    let error = try #require(ratio.standardError)
    #expect(abs(error - (squares * 3 / 2).squareRoot() / 6) < 1e-15)
    #expect(DocumentRatio([1], over: [2]).standardError == nil)
    #expect(DocumentRatio([0, 0], over: [0, 0]).value.isNaN)
  }
}
