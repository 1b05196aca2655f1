extension StudyPage {
  /// The arms in order, as figures and as a table.
  var ranking: String {
    guard !report.ranking.isEmpty else { return "" }
    let hasIntervals = report.ranking.contains { $0.nllHalfWidth != nil }
    let dots = [
      figure(
        "ranking", figures.ranking,
        hasIntervals
          ? "The mean of each arm over its seeds, with its 95 % interval over seeds and documents; "
            + "the small strokes are single seeds."
          : "A single seed or a single document: no intervals."),
      figures.lag.map { figure("difference", $0, lagCaption) },
    ].compactMap { $0 }
    return Markup.element("div", ["class": "pair"], dots.joined()) + losses + fidelity
      + stopped
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

  private var lagCaption: String {
    let isPaired = report.ranking.contains { $0.differenceHalfWidth != nil }
    let hasStars = report.ranking.contains { ($0.holmP ?? 1) < 0.05 }
    return
      (isPaired
      ? "Paired by seed, with 95 % intervals over seeds and documents."
      : "A single seed or a single document: no intervals.")
      + (hasStars ? " An asterisk: p\u{A0}<\u{A0}0.05 after Holm’s correction." : "")
  }

  private var losses: String {
    let rows = report.ranking.map { row in
      HTMLTable.Row(
        heading: row.arm, style: figures.style(of: row.arm),
        cells: [
          .number("\(row.seeds)"),
          .number(row.nll.isFinite ? Numbers.spread(row.nll, row.nllHalfWidth) : "diverged"),
          .number(difference(row)), .number(row.holmP.map(Numbers.probability)),
          .number(row.perplexity.isFinite ? Numbers.decimal(row.perplexity, places: 2) : nil),
          .number(row.ece.map { Numbers.decimal($0, places: 4) }),
          .number(Figures.count(row.tokens)), .number(Figures.duration(seconds: row.seconds)),
        ])
    }
    return HTMLTable(
      id: "ranking-table",
      caption: "Loss in nats a token; ± is half the width of the 95 % interval over seeds and "
        + "documents. Differences to the best are paired by seed, on the same documents, so that "
        + "what both meet cancels. Tokens and time are those of one run.",
      titles: [
        "arm", "seeds", "NLL", "to the best", "p (Holm)", "perplexity", "ECE", "tokens", "time",
      ], rows: rows + teacherRows
    ).html
  }

  private var teacherRows: [HTMLTable.Row] {
    report.teacher.map { teacher in
      HTMLTable.Row(
        heading: teacher.name + " (teacher)", style: .teacher,
        cells: [
          .number(nil), .number(Numbers.decimal(teacher.nll)), .number(nil), .number(nil),
          .number(Numbers.decimal(teacher.perplexity, places: 2)),
          .number(teacher.ece.map { Numbers.decimal($0, places: 4) }), .number(nil), .number(nil),
        ])
    }.map { [$0] } ?? []
  }

  /// How near the arms come to the teacher, where that was measured.
  private var fidelity: String {
    let measured = report.ranking.filter { ($0.kl ?? $0.top1 ?? $0.acceptance) != nil }
    guard !measured.isEmpty else { return "" }
    let rows = measured.map { row in
      HTMLTable.Row(
        heading: row.arm, style: figures.style(of: row.arm),
        cells: [
          .number(row.kl.map { Numbers.spread($0, row.klStandardError, places: 4) }),
          .number(row.klMedian.map { Numbers.decimal($0) }),
          .number(row.kl95.map { Numbers.decimal($0) }),
          .number(row.kl99.map { Numbers.decimal($0) }),
          .number(row.kl999.map { Numbers.decimal($0) }),
          .number(row.top1.map { percent($0, row.top1StandardError) }),
          .number(row.acceptance.map { (row.acceptanceIsBound ? "≤ " : "") + percent($0, nil) }),
        ])
    }
    return HTMLTable(
      id: "fidelity-table",
      caption: "How near the arms come to the teacher: KL divergence in nats a token with its "
        + "quantiles over the tokens, the share of equal first choices, and the share of drafted "
        + "tokens that speculative decoding would accept; ± is the standard error over seeds and "
        + "documents.",
      titles: [
        "arm", "KL to the teacher", "median", "95 %", "99 %", "99.9 %", "top-1 agreement",
        "acceptance",
      ], rows: rows
    ).html
  }

  private func difference(_ row: StudyReport.Row) -> String? {
    row.difference.map { value in
      Numbers.signed(value) + (row.differenceHalfWidth.map { " ± " + Numbers.decimal($0) } ?? "")
    }
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
