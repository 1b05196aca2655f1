import Measuring
import Reports

extension EvaluationReport {
  /// The measurements for people, with a table of the groups where there are any.
  var text: String {
    var table = Table([.words("measure"), .numbers("value")])
    table.append(["tokens", "\(tokens)"])
    table.append([documentsAreFragments ? "fragments" : "documents", "\(scoredDocuments)"])
    table.append(["NLL (nats/token)", figure(nll, nllStandardError)])
    table.append(["perplexity", Figures.decimal(perplexity, places: 2)])
    for row in teacher?.divergenceRows ?? [] { table.append(row) }
    table.append(["calibration error", Figures.percent(calibrationError)])
    for row in teacher?.acceptanceRows ?? [] { table.append(row) }
    return ([table.text, legend] + (groups.isEmpty ? [] : ["", groupTable.text]))
      .joined(separator: "\n")
  }

  /// The meaning of ±, or the reason why there is none.
  private var legend: String {
    let unit = documentsAreFragments ? "fragment" : "document"
    return scoredDocuments > 1
      ? "±: the standard error over \(unit)s" : "one \(unit) tells no standard error"
  }

  private var groupTable: Table {
    let hasTeacher = groups.contains { $0.kl != nil }
    var table = Table(
      [.words("group"), .numbers("tokens"), .numbers("NLL")]
        + (hasTeacher ? [.numbers("KL"), .numbers("top-1")] : []))
    for group in groups {
      let comparison = [group.kl.map { figure($0) }, group.top1Agreement.map(Figures.percent)]
      table.append(
        [group.name, "\(group.tokens)", figure(group.nll)]
          + (hasTeacher ? comparison.map { $0 ?? "" } : []))
    }
    return table
  }
}

extension TeacherComparison {
  /// The distance of the model from its teacher.
  fileprivate var divergenceRows: [[String]] {
    let percentiles = [
      ("KL, median", klMedian), ("KL, 95 % below", kl95), ("KL, 99 % below", kl99),
      ("KL, 99.9 % below", kl999),
    ]
    let error = top1StandardError.map { " ± " + Figures.percent($0) } ?? ""
    return [
      [
        klIsLowerBound ? "KL to the teacher at least" : "KL to the teacher",
        figure(kl, klStandardError),
      ]
    ] + percentiles.compactMap { name, value in value.map { [name, figure($0)] } }
      + [["top-1 agreement", Figures.percent(top1Agreement) + error]]
  }

  /// The share of the model's draws that the teacher would accept.
  fileprivate var acceptanceRows: [[String]] {
    let rows = [("acceptance", acceptance), ("acceptance at most", acceptanceUpperBound)]
    return rows.compactMap { name, value in value.map { [name, Figures.percent($0)] } }
  }
}

/// A figure with its standard error, if that is known.
private func figure(_ value: Double, _ error: Double? = nil) -> String {
  Figures.decimal(value, places: 4)
    + (error.map { " ± " + Figures.decimal($0, places: 4) } ?? "")
}
