import Base
import Foundation

/// Two arms of a ranking, compared.
package struct RankedPair: Sendable, Equatable {
  /// The arm that ranks higher.
  package let first: String
  /// The arm that ranks lower.
  package let second: String
  /// The first less the second, over the seeds that both have.
  package let comparison: PairedComparison
  /// The two-sided p of no difference, corrected for the number of pairs; nil with one seed or one
  /// document, which give no p.
  package let adjustedP: Double?

  /// Whether the two differ by more than chance would explain: an adjusted p below 0.05.
  package var isToldApart: Bool { adjustedP.map { $0 < 0.05 } ?? false }
  /// Whether that is a claim: told apart over at least five seeds.
  ///
  /// Over fewer it is an indication.
  package var isClaim: Bool {
    isToldApart && comparison.seeds.count >= Ranking.fewestSeedsOfAClaim
  }

  /// The arm with the lower mean over the shared seeds.
  ///
  /// Where the arms have different seeds, this need not be the one that ranks higher.
  package var better: String { comparison.difference <= 0 ? first : second }
  /// The other arm.
  package var worse: String { comparison.difference <= 0 ? second : first }
}

extension RankedPair: Encodable {
  /// Encodes the difference and what it is worth as one flat object.
  package func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "first": first, "second": second, "seeds": comparison.seeds,
      "documents": comparison.documents, "difference": comparison.difference,
      "halfWidth": comparison.interval?.halfWidth, "seedStderr": comparison.seedStandardError,
      "documentStderr": comparison.documentStandardError, "p": comparison.p, "holmP": adjustedP,
      "isToldApart": isToldApart, "isClaim": isClaim,
    ])
  }
}

/// The best of some arms against the best of others, each chosen after the fact, or against a
/// baseline.
///
/// One of many arms comes out first by luck alone. So the difference obeys the ranking's own rule:
/// its p is corrected for all pairs, and its interval holds for all of them at once.
package struct ChosenPair: Sendable, Equatable {
  /// The best arm of the first kind.
  package let arm: String
  /// The best arm of the second kind.
  package let other: String
  /// The pair in the ranking, whichever of the two ranks higher.
  package let pair: RankedPair
  /// Whether the second is a baseline, named before the fact.
  package let isAgainstBaseline: Bool
  /// The number of pairs of one arm of each kind that there were to choose from.
  package let choices: Int
  /// The number of pairs of the ranking that were tested.
  package let tests: Int

  /// The NLL of `arm` less that of `other`, in nats.
  package var difference: Double {
    pair.first == arm ? pair.comparison.difference : -pair.comparison.difference
  }

  /// Half the width of a 95 % interval that holds for all tested pairs at once; nil where there is
  /// none.
  package var halfWidth: Double? { pair.comparison.interval(amongst: tests)?.halfWidth }

  /// The reason for having no p, in words; nil where there is one.
  package var untested: String? { pair.adjustedP == nil ? pair.comparison.untested : nil }
}

extension Ranking {
  /// The best of the arms that are of a kind against the best of the rest; nil unless both have
  /// finished runs that share a seed.
  package func best(where isOfTheKind: (String) -> Bool) -> ChosenPair? {
    let names = arms.filter { !$0.isDiverged && !$0.seeds.isEmpty }.map(\.name)
    let count = names.count(where: isOfTheKind)
    guard let arm = names.first(where: isOfTheKind),
      let other = names.first(where: { !isOfTheKind($0) }), let pair = pair(arm, other)
    else { return nil }
    return ChosenPair(
      arm: arm, other: other, pair: pair, isAgainstBaseline: other == baseline,
      choices: other == baseline ? count : count * (names.count - count),
      tests: pairs.count { $0.adjustedP != nil })
  }
}

extension Ranking {
  /// The best of the other arms against the baseline; nil without a baseline, or where either has no
  /// finished run.
  package var bestAgainstBaseline: ChosenPair? {
    guard let baseline else { return nil }
    return best { $0 != baseline }
  }
}

extension ChosenPair {
  /// The difference in a sentence that claims no more than the ranking does: nothing that is not
  /// told apart after the correction, and with fewer than five seeds an indication.
  ///
  /// - Parameters:
  ///   - kind: The name of the first arm's kind at the beginning of a sentence: `Distillation`.
  ///   - rest: The name of the other kind within one: `plain LM`.
  /// - Returns: The sentence, without its full stop.
  package func statement(_ kind: String, over rest: String) -> String {
    let isBetter = difference < 0
    let size = [abs(difference), halfWidth].compactMap { $0 }
      .map { String(format: "%.3f", $0) }.joined(separator: " ± ")
    let sign = abs(difference) < 0.0005 ? "" : isBetter ? "−" : "+"
    let signed = "\(kind) against \(rest): \(sign)\(size) nats (\(facts)"
    if pair.isClaim {
      return "\(kind) \(isBetter ? "gains" : "loses") \(size) nats over \(rest) (\(facts))" + limits
    }
    if pair.isToldApart {
      return "\(kind) seems to \(isBetter ? "gain" : "lose") \(size) nats over \(rest) (\(facts): "
        + "an indication, five are needed for a claim)" + limits
    }
    let verdict = untested.map { "\($0) gives no p" } ?? "they cannot be told apart"
    return signed + "): \(verdict)" + limits
  }

  /// The verdict on the difference, in a few words.
  package var verdict: String {
    let verdict =
      pair.isClaim
      ? "a difference"
      : pair.isToldApart
        ? "an indication" : untested.map { "\($0) gives no p" } ?? "cannot be told apart"
    guard choices > 1 else { return verdict }
    return verdict
      + (isAgainstBaseline
        ? "; the best of \(choices) after the fact" : "; each the best of its kind after the fact")
  }

  private var facts: String {
    let count = pair.comparison.seeds.count
    let seeds = count == 1 ? "one seed" : "\(count) seeds"
    let p = pair.adjustedP.map { p in
      "Holm p " + (p < 0.001 ? "< 0.001" : String(format: "%.3f", p))
    }
    return (isAgainstBaseline ? "" : "\(arm) against \(other), ") + (p.map { "\($0), " } ?? "")
      + seeds
  }

  /// The caveats: that the two were chosen after the fact, and what the margin holds for.
  private var limits: String {
    let choice =
      isAgainstBaseline
      ? "; \(arm) is the best of \(choices) after the fact"
      : "; each is the best of its kind after the fact"
    let chosen = choices > 1 ? choice : ""
    return halfWidth == nil || tests < 2
      ? chosen : chosen + "; ± holds for all \(tests) pairs at once"
  }
}
