import Reports
import Text

/// How well a model predicts a text, and how near it is to its teacher. (`evaluate`)
struct EvaluationSummary {
  /// The documents of one group, a language say.
  struct Group: Encodable {
    /// The group's name.
    var name: String
    /// Its predictions that were scored.
    var tokens: Int
    /// Their mean negative log-likelihood, in nats a token.
    var nll: Double
    /// Their KL(teacher ‖ model), in nats a token.
    var kl: Double?
    /// The share of them where teacher and model rank the same token first.
    var top1Agreement: Double?
  }

  /// The predictions that were scored.
  var tokens: Int
  /// The documents that they are of; of a cache the fragments.
  var documents: Int
  /// Whether these are a cache's fragments; nil where they are documents.
  var documentsAreFragments: Bool?
  /// The mean negative log-likelihood, in nats a token.
  var nll: Double
  /// The standard error of the NLL over documents; nil with one document, as all of these.
  var nllStderr: Double?
  /// e to the power of the NLL.
  var perplexity: Double
  /// The mean NLL of each position of a window.
  var nllByPosition: [Double]
  /// KL(teacher ‖ model), in nats a token, or a lower bound of it.
  var kl: Double?
  /// True where top-k targets, whose tail is one class, tell a lower bound alone; nil elsewhere.
  var klIsLowerBound: Bool?
  /// The standard error of the KL over documents.
  var klStderr: Double?
  /// The median of the KL over predictions; like the percentiles, nil from sparse targets.
  var klMedian: Double?
  /// What the KL of 95 % of the predictions stays below.
  var kl95: Double?
  /// What the KL of 99 % of the predictions stays below.
  var kl99: Double?
  /// What the KL of 99.9 % of the predictions stays below.
  var kl999: Double?
  /// The share of positions where teacher and model rank the same token first.
  var top1Agreement: Double?
  /// The standard error of that share over documents.
  var top1AgreementStderr: Double?
  /// The expected calibration error.
  var ece: Double?
  /// The expected share of the model's draws that the teacher would accept.
  var acceptance: Double?
  /// An upper bound of the acceptance, where sparse targets cannot tell more.
  var acceptanceUpperBound: Double?
  /// The groups of documents, where a group key was given.
  var groups: [Group]?
  /// The documents that began with BOS where --bos asked for one; nil where there were none.
  var bosAlreadyThere: Int?
  /// The documents that ended with an end token where --eos asked for one; nil where there were none.
  var eosAlreadyThere: Int?

  /// The tokens that a model was made for, where it was let read more at once; else nil.
  var context: Int?

  /// Tells the marks that documents had already.
  mutating func note(_ present: PresentMarks) {
    if present.bos > 0 { bosAlreadyThere = present.bos }
    if present.eos > 0 { eosAlreadyThere = present.eos }
  }
}

extension EvaluationSummary: Encodable {
  /// The keys, which become snake case; `kl95` would not.
  enum CodingKeys: String, CodingKey {
    case tokens, documents, documentsAreFragments, nll, nllStderr, perplexity, nllByPosition, kl,
      klIsLowerBound, klStderr, klMedian
    case kl95 = "kl_95"
    case kl99 = "kl_99"
    case kl999 = "kl_999"
    case top1Agreement, top1AgreementStderr, ece, acceptance, acceptanceUpperBound, groups
    case bosAlreadyThere, eosAlreadyThere, context
  }
}
