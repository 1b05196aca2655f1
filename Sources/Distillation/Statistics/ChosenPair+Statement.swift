import Foundation

extension ChosenPair {
  /// The difference in a sentence that claims no more than the ranking does: nothing that is not
  /// told apart after the correction, and with fewer than five seeds an indication.
  ///
  /// - Parameters:
  ///   - kind: What the first arm's kind is called at the beginning of a sentence: `Distillation`.
  ///   - rest: What the other kind is called within one: `plain LM`.
  /// - Returns: The sentence, without its full stop.
  public func statement(_ kind: String, over rest: String) -> String {
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

  /// What may be said of the difference, in a few words.
  public var verdict: String {
    let verdict =
      pair.isClaim
      ? "a difference"
      : pair.isToldApart
        ? "an indication" : untested.map { "\($0) gives no p" } ?? "cannot be told apart"
    return choices > 1 ? verdict + "; each the best of its kind after the fact" : verdict
  }

  private var facts: String {
    let count = pair.comparison.seeds.count
    let seeds = count == 1 ? "one seed" : "\(count) seeds"
    let p = pair.adjustedP.map { p in
      ", Holm p " + (p < 0.001 ? "< 0.001" : String(format: "%.3f", p))
    }
    return "\(arm) against \(other)\(p ?? ""), \(seeds)"
  }

  /// That the two were chosen after the fact, and for what the margin holds.
  private var limits: String {
    let chosen = choices > 1 ? "; each is the best of its kind after the fact" : ""
    return halfWidth == nil || tests < 2
      ? chosen : chosen + "; ± holds for all \(tests) pairs at once"
  }
}
