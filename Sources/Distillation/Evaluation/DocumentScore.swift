/// How one document of an evaluation was predicted: what a resampling of documents draws.
///
/// A document is all windows of a text; of a cache, whose records do not say what a window cut, it
/// is each fragment.
public struct DocumentScore: Codable, Sendable, Equatable {
  /// The number of its predictions that count; 0 where all are masked.
  public var tokens: Int
  /// The sum of their negative log-likelihoods in nats.
  public var nll: Double
  /// The sum of their KL(teacher ‖ model) in nats; nil without a teacher.
  public var kl: Double?

  /// A document's sums.
  public init(tokens: Int, nll: Double, kl: Double? = nil) {
    self.tokens = tokens
    self.nll = nll
    self.kl = kl
  }
}

/// How the documents of one group, a language say, were predicted.
public struct GroupScore: Codable, Sendable, Equatable {
  /// The group's name; `other` for documents that name none.
  public var name: String
  /// The number of predictions that count, at least 1.
  public var tokens: Int
  /// Their mean negative log-likelihood in nats.
  public var nll: Double
  /// Their mean KL(teacher ‖ model) in nats; nil without a teacher.
  public var kl: Double?
  /// The share of them where teacher and model find the same token most probable; nil without a
  /// teacher.
  public var top1Agreement: Double?

  /// A group's means.
  public init(
    name: String, tokens: Int, nll: Double, kl: Double? = nil, top1Agreement: Double? = nil
  ) {
    self.name = name
    self.tokens = tokens
    self.nll = nll
    self.kl = kl
    self.top1Agreement = top1Agreement
  }
}
