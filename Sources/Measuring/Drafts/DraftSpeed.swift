import Base

/// The speed-up that a draft would bring on the machine that its costs are of.
package struct DraftSpeed: Sendable {
  /// The speed-ups of one kind.
  package struct Kind: Sendable {
    /// The speed-up by rounds of 1, 2, … drafted tokens.
    package let speedUps: [Double]
    /// The length that speeds up the most.
    package let bestLength: Int
    /// The standard error of its speed-up over texts and turns of timing; nil with one text.
    package let bestStandardError: Double?
    /// Whether it pays: nil where the 95 % interval of its speed-up has 1 in it.
    package let pays: Bool?
    /// The finding as a sentence.
    package let verdict: String

    /// The speed-up of the best length.
    package var bestSpeedUp: Double { speedUps[bestLength - 1] }
  }

  /// The times of passes.
  package let times: DraftTimes
  /// The acceptance from which on a draft of these costs pays, were it the same at every position;
  /// nil where none does.
  package let breakEven: Double?
  /// The speed-ups of each kind.
  package let kinds: [DraftKind: Kind]

  /// The speed-ups of what was accepted at these times.
  package init(_ report: DraftReport, _ times: DraftTimes) {
    let costs = times.costs
    let breakEven = costs.breakEven()
    self.times = times
    self.breakEven = breakEven
    kinds = Dictionary(
      uniqueKeysWithValues: report.kinds.map {
        ($0, Kind($0, $1.rounds, times, breakEven: breakEven))
      })
  }
}

extension DraftSpeed.Kind {
  fileprivate init(
    _ kind: DraftKind, _ rounds: [DraftReport.Rounds], _ times: DraftTimes, breakEven: Double?
  ) {
    let costs = times.costs
    let speedUps = rounds.map {
      costs.speedUp(tokensPerRound: $0.tokens.value, length: $0.length)
    }
    let best = speedUps.indices.reduce(0) { speedUps[$1] > speedUps[$0] ? $1 : $0 }
    let error = Self.error(rounds[best].tokens, speedUps[best], times, length: best + 1)
    let counts =
      [rounds[best].tokens.documents] + (times.turns.count > 1 ? [times.turns.count] : [])
    let interval = error.flatMap {
      ConfidenceInterval(mean: speedUps[best], standardError: $0, count: counts.min() ?? 0)
    }
    let pays = interval.flatMap { $0.lower > 1 ? true : $0.upper < 1 ? false : nil }
    self.speedUps = speedUps
    bestLength = best + 1
    bestStandardError = error
    self.pays = pays
    verdict = Self.verdict(
      kind, speedUps[best], error, length: best + 1, pays: pays, breakEven)
  }

  /// The error of a quotient whose two parts are independent.
  private static func error(
    _ tokens: DocumentRatio, _ speedUp: Double, _ times: DraftTimes, length: Int
  ) -> Double? {
    guard let error = tokens.standardError else { return nil }
    let ofTokens = error / tokens.value
    let ofTimes = (times.roundError(length) ?? 0) / times.costs.round(length)
    return speedUp * (ofTokens * ofTokens + ofTimes * ofTimes).squareRoot()
  }

  private static func verdict(
    _ kind: DraftKind, _ speedUp: Double, _ error: Double?, length: Int, pays: Bool?,
    _ breakEven: Double?
  ) -> String {
    func text(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
    let factor = text(speedUp) + (error.map { " ± " + text($0) } ?? "")
    let place = "with \(length) drafted \(length == 1 ? "token" : "tokens") a round"
    let need =
      breakEven.map { "it takes an acceptance of \(text($0)) at every position to break even" }
      ?? "not even a perfect draft of this cost would"
    return switch pays {
    case true?: "\(kind.name): pays, \(factor) times the teacher's own speed \(place)"
    case false?:
      "\(kind.name): does not pay, at best \(factor) times the teacher's own speed \(place); "
        + need
    case nil:
      "\(kind.name): not told apart from no gain, at best \(factor) times the teacher's own speed "
        + "\(place); \(need)"
    }
  }
}

extension DraftSpeed: Encodable {
  /// Encodes times, costs, and each kind under its key.
  package func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "draftTokenSeconds": times.draft, "targetTokenSeconds": times.target[0],
      "draftCost": times.costs.draft, "verificationCosts": times.costs.verification,
      "breakEvenAcceptance": breakEven, "sampledDraft": kinds[.sampled],
      "greedyDraft": kinds[.greedy], "bothGreedy": kinds[.bothGreedy],
    ])
  }
}

extension DraftSpeed.Kind: Encodable {
  /// Encodes the speed-ups and the best of them.
  package func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "speedUps": speedUps, "bestDraftLength": bestLength, "bestSpeedUp": bestSpeedUp,
      "bestSpeedUpStderr": bestStandardError, "pays": pays, "verdict": verdict,
    ])
  }
}
