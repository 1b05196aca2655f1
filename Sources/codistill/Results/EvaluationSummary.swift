import Measuring
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

extension EvaluationSummary {
  /// The figures of a report.
  init(_ report: EvaluationReport) {
    self.init(
      tokens: report.tokens, documents: report.scoredDocuments,
      documentsAreFragments: report.documentsAreFragments ? true : nil,
      nll: report.nll, nllStderr: report.nllStandardError, perplexity: report.perplexity,
      nllByPosition: report.nllByPosition, kl: report.teacher?.kl,
      klIsLowerBound: report.teacher?.klIsLowerBound == true ? true : nil,
      klStderr: report.teacher?.klStandardError, klMedian: report.teacher?.klMedian,
      kl95: report.teacher?.kl95, kl99: report.teacher?.kl99, kl999: report.teacher?.kl999,
      top1Agreement: report.teacher?.top1Agreement,
      top1AgreementStderr: report.teacher?.top1StandardError,
      ece: report.calibrationError, acceptance: report.teacher?.acceptance,
      acceptanceUpperBound: report.teacher?.acceptanceUpperBound,
      groups: report.groups.isEmpty ? nil : report.groups.map { Group($0) })
  }
}

extension EvaluationSummary.Group {
  fileprivate init(_ score: GroupScore) {
    self.init(
      name: score.name, tokens: score.tokens, nll: score.nll, kl: score.kl,
      top1Agreement: score.top1Agreement)
  }
}

extension EvaluationSummary {
  /// The measurements for people, with a table of the groups where there are any.
  var text: String {
    var table = Table([.words("measure"), .numbers("value")])
    table.append(["tokens", "\(tokens)"])
    table.append([documentsAreFragments == true ? "fragments" : "documents", "\(documents)"])
    table.append(["NLL (nats/token)", Figures.decimal(nll, places: 4) + Self.margin(nllStderr)])
    table.append(["perplexity", Figures.decimal(perplexity, places: 2)])
    for row in teacherRows { table.append(row) }
    return ([table.text, legend] + (groups.map { ["", Self.table(of: $0).text] } ?? []))
      .joined(separator: "\n")
  }

  /// What ± means, or why there is none.
  private var legend: String {
    let unit = documentsAreFragments == true ? "fragment" : "document"
    return documents > 1
      ? "±: the standard error over \(unit)s" : "one \(unit) tells no standard error"
  }

  private static func margin(_ error: Double?) -> String {
    error.map { " ± " + Figures.decimal($0, places: 4) } ?? ""
  }

  private var teacherRows: [[String]] {
    var rows: [[String]] = []
    if let kl {
      let name = klIsLowerBound == true ? "KL to the teacher at least" : "KL to the teacher"
      rows.append([name, Figures.decimal(kl, places: 4) + Self.margin(klStderr)])
    }
    rows += percentileRows
    if let top1Agreement {
      let error = top1AgreementStderr.map { " ± " + Figures.percent($0) } ?? ""
      rows.append(["top-1 agreement", Figures.percent(top1Agreement) + error])
    }
    if let ece { rows.append(["calibration error", Figures.percent(ece)]) }
    if let acceptance { rows.append(["acceptance", Figures.percent(acceptance)]) }
    if let acceptanceUpperBound {
      rows.append(["acceptance at most", Figures.percent(acceptanceUpperBound)])
    }
    return rows
  }

  private var percentileRows: [[String]] {
    let rows = [
      ("KL, median", klMedian), ("KL, 95 % below", kl95), ("KL, 99 % below", kl99),
      ("KL, 99.9 % below", kl999),
    ]
    return rows.compactMap { name, value in value.map { [name, Figures.decimal($0, places: 4)] } }
  }

  private static func table(of groups: [Group]) -> Table {
    let hasTeacher = groups.contains { $0.kl != nil }
    var table = Table(
      [.words("group"), .numbers("tokens"), .numbers("NLL")]
        + (hasTeacher ? [.numbers("KL"), .numbers("top-1")] : []))
    for group in groups {
      let comparison = [
        group.kl.map { Figures.decimal($0, places: 4) }, group.top1Agreement.map(Figures.percent),
      ]
      table.append(
        [group.name, "\(group.tokens)", Figures.decimal(group.nll, places: 4)]
          + (hasTeacher ? comparison.map { $0 ?? "" } : []))
    }
    return table
  }
}
