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
  /// The sum of Σ min(p, q) over them; nil without a teacher's whole distributions.
  package var acceptance: Double?
  /// The sum of p(argmax q) over them; nil without a teacher that tells it.
  package var greedyAcceptance: Double?
  /// The group that it belongs to; nil where the data has none.
  package var group: String?

  /// A document's sums.
  package init(
    tokens: Int, nll: Double, kl: Double? = nil, agreements: Int? = nil,
    acceptance: Double? = nil, greedyAcceptance: Double? = nil, group: String? = nil
  ) {
    self.tokens = tokens
    self.nll = nll
    self.kl = kl
    self.agreements = agreements
    self.acceptance = acceptance
    self.greedyAcceptance = greedyAcceptance
    self.group = group
  }
}
