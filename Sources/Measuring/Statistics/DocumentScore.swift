/// The score of one document of an evaluation, the unit that a resampling of documents draws.
///
/// A document is all windows of a text; of a cache, whose records do not say what a window cut, it
/// is each fragment.
public struct DocumentScore: Codable, Sendable, Equatable {
  /// The number of its predictions that count; 0 where all are masked.
  package var tokens: Int
  /// The sum of their negative log-likelihoods in nats.
  package var nll: Double
  /// The sum of their KL(teacher ‖ model) in nats; nil without a teacher.
  package var kl: Double?
  /// The number of predictions whose most probable token teacher and model share; nil without a
  /// teacher.
  package var agreements: Int?
  /// The group that it belongs to; nil where the data has none.
  package var group: String?

  /// A document's sums.
  package init(
    tokens: Int, nll: Double, kl: Double? = nil, agreements: Int? = nil, group: String? = nil
  ) {
    self.tokens = tokens
    self.nll = nll
    self.kl = kl
    self.agreements = agreements
    self.group = group
  }
}
