/// The score of the documents of one group, such as a language.
public struct GroupScore: Codable, Sendable, Equatable {
  /// The group's name; `other` for documents that name none.
  package var name: String
  /// The number of predictions that count, at least 1.
  package var tokens: Int
  /// Their mean negative log-likelihood in nats.
  package var nll: Double
  /// Their mean KL(teacher ‖ model) in nats; nil without a teacher.
  package var kl: Double?
  /// The share of them where teacher and model find the same token most probable; nil without a
  /// teacher.
  package var top1Agreement: Double?

  /// A group's means.
  package init(
    name: String, tokens: Int, nll: Double, kl: Double? = nil, top1Agreement: Double? = nil
  ) {
    self.name = name
    self.tokens = tokens
    self.nll = nll
    self.kl = kl
    self.top1Agreement = top1Agreement
  }
}
