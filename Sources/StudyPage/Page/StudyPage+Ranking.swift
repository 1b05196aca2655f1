import Measuring
import Reports
import Studies
import Training

extension StudyPage {
  /// The arms in order, as figures and as a table.
  var ranking: String {
    guard !study.ranking.isEmpty else { return "" }
    let sets = figures.sets.map {
      figure("sets", $0, "What an arm gains or loses, and where: to the left is better.")
    }
    let hasIntervals = study.ranking.contains { $0.nllHalfWidth != nil }
    let dots = [
      figure(
        prefix + "ranking", figures.ranking,
        hasIntervals
          ? "The mean of each arm over its seeds, with its 95 % interval over seeds and documents; "
            + "the small strokes are single seeds."
          : "A single seed or a single document: no intervals."),
      figures.lag.map { figure(prefix + "difference", $0, lagCaption) },
    ].compactMap { $0 }
    return (sets ?? "") + Markup.element("div", ["class": "pair"], dots.joined()) + losses
      + fidelity + stopped
  }

  /// The arms on each of the other held-out texts, drawn as they are in the ranking.
  var others: String {
    study.others.enumerated().map { number, other in
      var page = StudyPage(other, like: self)
      page.prefix = "other-\(number)-"
      return Markup.element("h3", [:], "<bdi>\(Markup.escape(other.set ?? ""))</bdi>")
        + lead(([other.conclusion] + other.notes).joined(separator: " "))
        + page.ranking
        + page.groups
    }.joined()
  }

  private init(_ study: Study, like page: StudyPage) {
    self.study = study
    figures = StudyFigures(study, like: page.figures)
  }

  /// Every two arms.
  var pairs: String {
    guard !study.pairs.isEmpty else { return "" }
    let rows = study.pairs.map { pair in
      HTMLTable.Row(
        heading: pair.first, style: figures.style(of: pair.first),
        cells: [
          .words(pair.second),
          .number(Numbers.signed(pair.comparison.difference)),
          .number(pair.comparison.interval.map { "± " + Numbers.decimal($0.halfWidth) }),
          .number(pair.adjustedP.map(Numbers.probability)),
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
    let isPaired = study.ranking.contains { $0.differenceHalfWidth != nil }
    let hasStars = study.ranking.contains { ($0.holmP ?? 1) < 0.05 }
    return
      (isPaired
      ? "Paired by seed, with 95 % intervals over seeds and documents."
      : "A single seed or a single document: no intervals.")
      + (hasStars ? " An asterisk: p\u{A0}<\u{A0}0.05 after Holm’s correction." : "")
  }

  private var losses: String {
    let rows = study.ranking.map { row in
      HTMLTable.Row(
        heading: row.name, style: figures.style(of: row.name),
        cells: [
          .number("\(row.seeds.count)"),
          .number(row.nll.isFinite ? Numbers.spread(row.nll, row.nllHalfWidth) : "diverged"),
          .number(difference(row)), .number(row.holmP.map(Numbers.probability)),
          .number(row.perplexity.isFinite ? Numbers.decimal(row.perplexity, places: 2) : nil),
          .number(row.ece.map { Numbers.decimal($0, places: 4) }),
          .number(Figures.count(row.tokens)), .number(Figures.duration(seconds: row.seconds)),
        ])
    }
    return HTMLTable(
      id: prefix + "ranking-table",
      caption: "Loss in nats a token; ± is half the width of the 95 % interval over seeds and "
        + "documents. Differences to \(study.baseline ?? "the best") are paired by seed, on the same "
        + "documents, so that what both meet cancels. Tokens and time are those of one run.",
      titles: [
        "arm", "seeds", "NLL", "to \(study.baseline ?? "the best")", "p (Holm)", "perplexity",
        "ECE", "tokens", "time",
      ], rows: rows + [teacherRow].compactMap { $0 }
    ).html
  }

  private var teacherRow: HTMLTable.Row? {
    study.teacher.map { teacher in
      HTMLTable.Row(
        heading: teacher.name + " (teacher)", style: .teacher,
        cells: [
          .number(nil), .number(Numbers.decimal(teacher.report.nll)), .number(nil), .number(nil),
          .number(Numbers.decimal(teacher.report.perplexity, places: 2)),
          .number(Numbers.decimal(teacher.report.calibrationError, places: 4)), .number(nil),
          .number(nil),
        ])
    }
  }

  /// The closeness of the arms to the teacher, where that was measured.
  private var fidelity: String {
    let measured = study.ranking.filter { ($0.kl ?? $0.top1Agreement ?? $0.acceptanceShown) != nil }
    guard !measured.isEmpty else { return "" }
    let rows = measured.map { row in
      HTMLTable.Row(
        heading: row.name, style: figures.style(of: row.name),
        cells: [
          .number(row.kl.map { Numbers.spread($0, row.klStderr, places: 4) }),
          .number(row.klMedian.map { Numbers.decimal($0) }),
          .number(row.kl95.map { Numbers.decimal($0) }),
          .number(row.kl99.map { Numbers.decimal($0) }),
          .number(row.kl999.map { Numbers.decimal($0) }),
          .number(row.top1Agreement.map { percent($0, row.top1AgreementStderr) }),
          .number(
            row.acceptanceShown.map {
              (row.acceptance == nil ? "≤ " : "") + percent($0, nil)
            }),
        ])
    }
    return HTMLTable(
      id: prefix + "fidelity-table",
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

  private func difference(_ row: ArmReport) -> String? {
    row.difference.map { value in
      Numbers.signed(value) + (row.differenceHalfWidth.map { " ± " + Numbers.decimal($0) } ?? "")
    }
  }

  private func percent(_ share: Double, _ error: Double?) -> String {
    Numbers.spread(100 * share, error.map { 100 * $0 }, places: 1) + " %"
  }

  private var stopped: String {
    let items = study.stopped.map { arm in
      let reason =
        "among the worst after \(Figures.percent(arm.share)) of the steps, "
        + "held-out loss \(Figures.decimal(arm.nll))"
      return "<li>" + Self.name(arm.name, figures.style(of: arm.name))
        + ", stopped after step \(arm.step): \(Markup.escape(reason))</li>"
    }
    guard !items.isEmpty else { return "" }
    return "<h3>Given up early</h3>" + Markup.element("ul", [:], items.joined())
  }
}

extension ArmReport {
  /// The acceptance, or an upper bound of it.
  fileprivate var acceptanceShown: Double? { acceptance ?? acceptanceUpperBound }
}

extension RankedPair {
  /// The statement that may be made of the pair, in a few words.
  fileprivate var verdict: String {
    if isClaim { return "\(better) is better" }
    if isToldApart { return "\(better) seems better" }
    guard adjustedP == nil else { return "cannot be told apart" }
    return comparison.documents < 2 ? "no p: one document" : "no p: one seed"
  }
}
