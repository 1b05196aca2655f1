/// The rounds of speculative decoding along a text of the target, expected over the draft's chance.
///
/// In a round the draft proposes k tokens and the target checks them at once: it keeps them up to
/// the first that is not accepted and adds one of its own, so that m accepted tokens give m + 1
/// (Leviathan et al. 2023, arXiv 2211.17192, algorithm 1). What comes out has the target's own
/// distribution. Along such a text each token is known to have come out, and given that it did, it
/// is accepted with a probability of its own, whatever became of the others. Where rounds begin is
/// then a renewal process, and what is expected of it follows without drawing anything.
package struct DraftRounds: Sendable, Equatable {
  /// The expected number of rounds that accept at least j drafted tokens, j from 0 to k; the first
  /// is the number of rounds.
  package private(set) var accepting: [Double]

  /// Rounds of `length` drafted tokens that begin within a text's first `beginnings` tokens.
  ///
  /// - Parameters:
  ///   - accepted: The probability of each of the text's tokens to be accepted where it is drafted,
  ///     given that it came out.
  ///   - length: k, at least 1.
  ///   - beginnings: The tokens at which a round counts that begins there. Each such round has to
  ///     lie within the text: a round that the text's end cuts says nothing of rounds.
  package init(accepted: [Double], length: Int, beginnings: Int) {
    precondition(
      length > 0 && beginnings <= max(0, accepted.count - length), "rounds within the text")
    accepting = Array(repeating: 0, count: length + 1)
    var begins = Array(repeating: 0.0, count: accepted.count + 1)
    begins[0] = 1
    for token in 0..<max(0, beginnings) {
      var reaching = begins[token]
      for drafted in 0...length {
        accepting[drafted] += reaching
        // After all k comes the target's own token, whatever it is.
        let kept = drafted == length ? 0 : reaching * accepted[token + drafted]
        begins[token + drafted + 1] += reaching - kept
        reaching = kept
      }
    }
  }

  /// The expected number of tokens that come out of these rounds.
  package var tokens: Double { accepting.reduce(0, +) }
}
