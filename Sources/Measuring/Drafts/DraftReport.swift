import Base

/// A student's acceptance as a draft for its teacher, over texts that the teacher wrote.
package struct DraftReport: Sendable {
  /// The acceptances of one kind.
  package struct Kind: Sendable {
    /// The mean over all positions of the texts.
    package let acceptance: DocumentRatio
    /// The rounds of 1, 2, … drafted tokens.
    package let rounds: [Rounds]
  }

  /// The rounds of some length.
  package struct Rounds: Sendable {
    /// k, the tokens that are drafted in a round.
    package let length: Int
    /// The tokens that come out of a round, the target's own counted.
    package let tokens: DocumentRatio
    /// The share of each drafted token that is accepted where the ones before it were; nan where
    /// they never are.
    package let acceptances: [DocumentRatio]
  }

  /// The number of texts of each kind.
  package let texts: Int
  /// The tokens of the texts that were drawn, and of the greedy ones.
  package let tokens, greedyTokens: Int
  /// What was measured, without kinds that the temperature leaves no text for.
  package let kinds: [DraftKind: Kind]

  /// The figures of texts, for rounds of up to so many drafted tokens; nil where no text is long
  /// enough to hold the longest round.
  ///
  /// All lengths are judged by the rounds that begin where one of the longest would still fit.
  package init?(_ texts: [DraftText], longest: Int) {
    var kinds: [DraftKind: Kind] = [:]
    for kind in DraftKind.allCases {
      let scores = texts.compactMap { $0.acceptances[kind] }
      guard !scores.isEmpty else { continue }
      guard scores.contains(where: { $0.accepted.count > longest }) else { return nil }
      kinds[kind] = Kind(scores, longest: longest)
    }
    self.texts = texts.count
    tokens = texts.reduce(0) { $0 + $1.sampled.count }
    greedyTokens = texts.reduce(0) { $0 + $1.greedy.count }
    self.kinds = kinds
  }
}

extension DraftReport.Kind {
  fileprivate init(_ scores: [DraftText.Acceptances], longest: Int) {
    acceptance = DocumentRatio(
      scores.map(\.expected), over: scores.map { Double($0.accepted.count) })
    rounds = (1...longest).map { length in
      DraftReport.Rounds(
        scores.map { score in
          DraftRounds(
            accepted: score.accepted, length: length,
            beginnings: max(0, score.accepted.count - longest))
        }, length: length)
    }
  }
}

extension DraftReport.Rounds {
  fileprivate init(_ texts: [DraftRounds], length: Int) {
    let accepting = (0...length).map { drafted in texts.map { $0.accepting[drafted] } }
    self.length = length
    tokens = DocumentRatio(texts.map(\.tokens), over: accepting[0])
    acceptances = (1...length).map { DocumentRatio(accepting[$0], over: accepting[$0 - 1]) }
  }
}

extension DraftReport: Encodable {
  /// Encodes the counts, and each kind under its key.
  package func encode(to encoder: any Encoder) throws {
    try encoder.encode(["texts": texts, "tokens": tokens, "greedyTokens": greedyTokens])
    try encoder.encode([
      "sampledDraft": kinds[.sampled], "greedyDraft": kinds[.greedy],
      "bothGreedy": kinds[.bothGreedy],
    ])
  }
}

extension DraftReport.Kind: Encodable {
  /// Encodes the mean with its error, and the rounds.
  package func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "acceptance": acceptance.value, "acceptanceStderr": acceptance.standardError,
      "rounds": rounds,
    ])
  }
}

extension DraftReport.Rounds: Encodable {
  /// Encodes the rounds; a share of nothing is null.
  package func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "draftLength": length, "tokensPerRound": tokens.value,
      "tokensPerRoundStderr": tokens.standardError,
      "acceptanceByPosition": acceptances.map(\.value),
      "acceptanceByPositionStderr": acceptances.map { $0.standardError ?? .nan },
    ])
  }
}
