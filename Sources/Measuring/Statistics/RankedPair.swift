import Base

/// Two arms of a ranking, compared.
public struct RankedPair: Sendable, Equatable {
  /// The arm that ranks higher.
  public let first: String
  /// The arm that ranks lower.
  public let second: String
  /// The first less the second, over the seeds that both have.
  public let comparison: PairedComparison
  /// The two-sided p of no difference, corrected for the number of pairs; nil with one seed or one
  /// document, which give no p.
  public let adjustedP: Double?

  /// Whether the two differ by more than chance would explain: an adjusted p below 0.05.
  public var isToldApart: Bool { adjustedP.map { $0 < 0.05 } ?? false }
  /// Whether that is a claim: told apart over at least five seeds.
  ///
  /// Over fewer it is an indication.
  public var isClaim: Bool {
    isToldApart && comparison.seeds.count >= Ranking.fewestSeedsOfAClaim
  }

  /// The arm with the lower mean over the shared seeds.
  ///
  /// Where the arms have different seeds, this need not be the one that ranks higher.
  public var better: String { comparison.difference <= 0 ? first : second }
  /// The other arm.
  public var worse: String { comparison.difference <= 0 ? second : first }
}

extension RankedPair: Encodable {
  /// Encodes the difference and what it is worth as one flat object.
  public func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "first": first, "second": second, "seeds": comparison.seeds,
      "documents": comparison.documents, "difference": comparison.difference,
      "halfWidth": comparison.interval?.halfWidth, "seedStderr": comparison.seedStandardError,
      "documentStderr": comparison.documentStandardError, "p": comparison.p, "holmP": adjustedP,
      "isToldApart": isToldApart, "isClaim": isClaim,
    ])
  }
}
