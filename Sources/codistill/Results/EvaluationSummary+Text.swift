import Reports

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
