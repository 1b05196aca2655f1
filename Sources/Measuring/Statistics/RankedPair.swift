import Base

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
