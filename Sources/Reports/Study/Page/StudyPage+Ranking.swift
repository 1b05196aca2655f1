extension StudyPage {
  /// The arms in order, as figures and as a table.
  var ranking: String {
    guard !report.ranking.isEmpty else { return "" }
    let dots = [
      figure(
        "ranking", figures.ranking,
        "The mean of each arm over its seeds, with its 95 % interval; the small strokes are single "
          + "seeds."),
      figures.lag.map {
        figure(
          "difference", $0,
          "Paired by seed, with 95 % intervals. An asterisk: p < 0.05 after Holm’s correction.")
      },
    ].compactMap { $0 }
    return Markup.element("div", ["class": "pair"], dots.joined()) + table + stopped
  }

  /// Every two arms.
  var pairs: String {
    guard !report.pairs.isEmpty else { return "" }
    let rows = report.pairs.map { pair in
      HTMLTable.Row(
        heading: pair.arm, style: figures.style(of: pair.arm),
        cells: [
          .words(pair.other),
          .number(Numbers.signed(pair.difference)),
          .number(pair.halfWidth.map { "± " + Numbers.decimal($0) }),
          .number(pair.holmP.map(Numbers.probability)),
          .words(pair.verdict),
        ])
    }
    let table = HTMLTable(
      id: "pairs-table",
      caption: "Differences of the held-out loss in nats a token, paired by seed, with half the "
        + "width of the 95 % interval and the p-value after Holm’s correction",
      titles: ["arm", "against", "difference", "interval", "p (Holm)", "verdict"], rows: rows)
    let count = "\(rows.count) pair\(rows.count == 1 ? "" : "s")"
    return "<details>" + Markup.element("summary", [:], "All \(count)") + table.html + "</details>"
  }

  private var table: String {
    let titles = [
      "arm", "seeds", "NLL", "to the best", "p (Holm)", "perplexity", "KL to teacher",
      "KL median", "95 %", "99 %", "99.9 %", "top-1 agreement", "ECE", "acceptance", "tokens",
      "time a run",
    ]
    let teacher = report.teacher.map { [teacherRow($0)] } ?? []
    return HTMLTable(
      id: "ranking-table",
      caption: "Losses and divergences in nats a token; ± is half the width of the 95 % interval "
        + "for NLL and differences, the standard error for KL and agreement",
      titles: titles, rows: report.ranking.map(row) + teacher
    ).html
  }

  private func row(_ row: StudyReport.Row) -> HTMLTable.Row {
    let decimal = { (value: Double?) in HTMLTable.Cell.number(value.map { Numbers.decimal($0) }) }
    let acceptance = row.acceptance.map { ($0, row.acceptanceIsBound ? "≥ " : "") }
    let difference = row.difference.map { value in
      Numbers.signed(value) + (row.differenceHalfWidth.map { " ± " + Numbers.decimal($0) } ?? "")
    }
    return HTMLTable.Row(
      heading: row.arm, style: figures.style(of: row.arm),
      cells: [
        .number("\(row.seeds)"), .number(Numbers.spread(row.nll, row.nllHalfWidth)),
        .number(difference), .number(row.holmP.map(Numbers.probability)),
        .number(Numbers.decimal(row.perplexity, places: 2)),
        .number(row.kl.map { Numbers.spread($0, row.klStandardError, places: 4) }),
        decimal(row.klMedian), decimal(row.kl95), decimal(row.kl99), decimal(row.kl999),
        .number(row.top1.map { percent($0, row.top1StandardError) }),
        .number(row.ece.map { Numbers.decimal($0, places: 4) }),
        .number(acceptance.map { $1 + percent($0, nil) }),
        .number(Figures.count(row.tokens)), .number(Figures.duration(seconds: row.seconds)),
      ])
  }

  private func teacherRow(_ teacher: StudyReport.Teacher) -> HTMLTable.Row {
    var cells = Array(repeating: HTMLTable.Cell.number(nil), count: 15)
    cells[1] = .number(Numbers.decimal(teacher.nll))
    cells[4] = .number(Numbers.decimal(teacher.perplexity, places: 2))
    cells[11] = .number(teacher.ece.map { Numbers.decimal($0, places: 4) })
    return HTMLTable.Row(heading: "teacher: " + teacher.name, style: .teacher, cells: cells)
  }

  private func percent(_ share: Double, _ error: Double?) -> String {
    Numbers.spread(100 * share, error.map { 100 * $0 }, places: 1) + " %"
  }

  private var stopped: String {
    let items = report.stopped.map { arm in
      let reason = arm.reason.isEmpty ? "" : ": " + Markup.escape(arm.reason)
      return "<li>" + Self.name(arm.arm, figures.style(of: arm.arm))
        + ", stopped after step \(arm.step)\(reason)</li>"
    }
    guard !items.isEmpty else { return "" }
    return "<h3>Given up early</h3>" + Markup.element("ul", [:], items.joined())
  }
}
