import Base
import Foundation

/// A report of how well a model predicts some text, and how close it is to a teacher.
///
/// As JSON, encode and decode it with coders that know nan, such as `JSONEncoder.ofRuns`: a
/// position at which nothing counts has no mean.
public struct EvaluationReport: Codable, Sendable, Equatable {
  /// The number of predictions that count.
  public var tokens = 0
  /// The mean negative log-likelihood in nats.
  public var nll = 0.0
  /// The standard error of that mean over documents; nil with one document.
  public var nllStandardError: Double?
  /// The mean negative log-likelihood at each position of a window; nan where none counts.
  public var nllByPosition: [Double] = []
  /// The expected calibration error of the most probable token, over 15 equal bins.
  public var calibrationError = 0.0
  /// The comparison with a teacher, if there was one.
  public var teacher: TeacherComparison?
  /// The documents in the order of the data; two models scored on the same data have the same ones.
  public var documents: [DocumentScore] = []
  /// Whether documents stand for fragments, as of a cache, whose errors are those of fragments.
  public var documentsAreFragments = false
  /// The groups of documents by name, `other` last; empty where the data has no groups.
  public var groups: [GroupScore] = []

  /// A report of nothing.
  package init() {}

  /// The number of documents with predictions that count.
  public var scoredDocuments: Int { documents.count { $0.tokens > 0 } }

  /// e to the mean negative log-likelihood.
  public var perplexity: Double { exp(nll) }
}

/// A comparison of a model with a teacher over some predictions, both at the temperature of the
/// capture where the targets are stored ones.
public struct TeacherComparison: Codable, Sendable, Equatable {
  /// The teacher's own mean negative log-likelihood of the same predictions, in nats at temperature
  /// 1; nil where it gives one of them no probability.
  public var nll: Double?
  /// The mean of KL(teacher ‖ model) in nats, or of a lower bound of it.
  public var kl = 0.0
  /// Whether it is a lower bound: truncated (top-k) targets tell nothing of the tail but its mass,
  /// so that all of it is one class.
  public var klIsLowerBound = false
  /// The standard error of that mean over documents; nil with one document.
  public var klStandardError: Double?
  /// The median of the KL over predictions in nats.
  ///
  /// Like the other percentiles it needs the KL of a single prediction: a live teacher or dense
  /// targets. Sparse ones are right on average only and give nil (docs/design.md, "What sparse
  /// targets say").
  public var klMedian: Double?
  /// The KL that 95 % of the predictions stay below, in nats; nil from sparse targets.
  public var kl95: Double?
  /// The KL that 99 % of the predictions stay below, in nats; nil from sparse targets.
  public var kl99: Double?
  /// The KL that 99.9 % of the predictions stay below, in nats; nil from sparse targets.
  public var kl999: Double?
  /// The share of predictions where both find the same token most probable.
  public var top1Agreement = 0.0
  /// The standard error of that share over documents; nil with one document.
  public var top1StandardError: Double?
  /// The mean of Σ min(p, q): the share of tokens drawn from the model that speculative decoding
  /// accepts where the teacher is sampled, too (docs/losses.md, "A student as a draft").
  ///
  /// Sparse targets cannot say it and give nil and bounds (docs/design.md, "What sparse targets
  /// say").
  public var acceptance: Double?
  /// The standard error of that mean over documents; nil with one document.
  public var acceptanceStandardError: Double?
  /// The mean of Σ min(t, q) over the stored entries t: on average not above the acceptance, min
  /// being concave; nil where the acceptance is known.
  public var acceptanceLowerBound: Double?
  /// The acceptance when all tokens outside the teacher's exact head are taken as one; nil for
  /// random draws, which have none, and where the acceptance is known.
  public var acceptanceUpperBound: Double?
  /// The mean of p(argmax q): the share of the model's most probable tokens that a sampled teacher
  /// draws itself; exact on average from sparse targets, nil from truncated ones.
  public var greedyAcceptance: Double?
  /// The standard error of that mean over documents; nil with one document.
  public var greedyAcceptanceStandardError: Double?
  /// The same share with nothing for tokens that truncated targets lack; nil where it is known.
  public var greedyAcceptanceLowerBound: Double?
  /// The same share with the most that such a token can have; nil where it is known.
  public var greedyAcceptanceUpperBound: Double?

  /// A comparison of nothing.
  package init() {}
}

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
  /// The teacher's own mean negative log-likelihood of them, in nats; nil without a teacher.
  package var teacherNll: Double?

  /// A group's means.
  package init(
    name: String, tokens: Int, nll: Double, kl: Double? = nil, top1Agreement: Double? = nil,
    teacherNll: Double? = nil
  ) {
    self.name = name
    self.tokens = tokens
    self.nll = nll
    self.kl = kl
    self.top1Agreement = top1Agreement
    self.teacherNll = teacherNll
  }
}

/// The figures of an evaluation as commands tell them: one flat object, without the documents.
package struct EvaluationFigures: Encodable {
  /// The evaluation.
  package let report: EvaluationReport

  /// The figures of an evaluation.
  package init(_ report: EvaluationReport) { self.report = report }

  /// Encodes the figures; what was not measured, and what holds of few, has no key.
  package func encode(to encoder: any Encoder) throws {
    let teacher = report.teacher
    try encoder.encode([
      "tokens": report.tokens, "documents": report.scoredDocuments,
      "documentsAreFragments": report.documentsAreFragments ? true : nil, "nll": report.nll,
      "nllStderr": report.nllStandardError, "perplexity": report.perplexity,
      "nllByPosition": report.nllByPosition, "teacherNll": teacher?.nll, "kl": teacher?.kl,
      "klIsLowerBound": teacher?.klIsLowerBound == true ? true : nil,
      "klStderr": teacher?.klStandardError, "klMedian": teacher?.klMedian,
      "kl_95": teacher?.kl95, "kl_99": teacher?.kl99, "kl_999": teacher?.kl999,
      "top1Agreement": teacher?.top1Agreement, "top1AgreementStderr": teacher?.top1StandardError,
      "ece": report.calibrationError, "acceptance": teacher?.acceptance,
      "acceptanceStderr": teacher?.acceptanceStandardError,
      "acceptanceLowerBound": teacher?.acceptanceLowerBound,
      "acceptanceUpperBound": teacher?.acceptanceUpperBound,
      "greedyDraftAcceptance": teacher?.greedyAcceptance,
      "greedyDraftAcceptanceStderr": teacher?.greedyAcceptanceStandardError,
      "greedyDraftAcceptanceLowerBound": teacher?.greedyAcceptanceLowerBound,
      "greedyDraftAcceptanceUpperBound": teacher?.greedyAcceptanceUpperBound,
      "groups": report.groups.isEmpty ? nil : report.groups,
    ])
  }
}
