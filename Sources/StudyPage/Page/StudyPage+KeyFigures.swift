import Reports

extension StudyPage {
  /// The figures that a reader wants first.
  var keyFigures: String {
    let figures = [best, gain, teacher, effort].compactMap { $0 }
    guard !figures.isEmpty else { return "" }
    let items = figures.map { figure in
      Markup.element(
        "div", [:],
        Markup.element("dt", [:], Markup.escape(figure.name))
          + Markup.element("dd", ["class": "figure"], Markup.escape(figure.value))
          + Markup.element("dd", ["class": "aside"], Markup.escape(figure.aside)))
    }
    return Markup.element("dl", ["class": "key-figures"], items.joined())
  }

  private typealias KeyFigure = (name: String, value: String, aside: String)

  private var best: KeyFigure? {
    study.ranking.first.map { row in
      (
        "Best held-out loss", Numbers.spread(row.nll, row.nllHalfWidth),
        "nats a token, \(row.name)\(row.nllHalfWidth == nil ? "" : ", ± over seeds and documents"); perplexity \(Numbers.decimal(row.perplexity, places: 2))"
      )
    }
  }

  private var gain: KeyFigure? {
    study.gain.map { gain in
      let value = Numbers.signed(-gain.difference)
      let margin = gain.halfWidth.map { " ± " + Numbers.decimal($0) } ?? ""
      let p =
        gain.pair.adjustedP.map { "; p (Holm) \($0 < 0.001 ? "" : "= ")\(Numbers.probability($0))" }
        ?? ""
      return (
        "Against plain language modelling", value + margin,
        "nats a token, \(gain.arm) against \(gain.other)\(p): \(gain.verdict)"
      )
    }
  }

  private var teacher: KeyFigure? {
    study.teacher.map { teacher in
      (
        "The teacher's loss", Numbers.decimal(teacher.report.nll),
        "nats a token, \(teacher.name); perplexity "
          + Numbers.decimal(teacher.report.perplexity, places: 2)
      )
    }
  }

  private var effort: KeyFigure? {
    let rows = study.ranking
    guard !rows.isEmpty else { return nil }
    let runs = rows.reduce(0) { $0 + $1.seeds.count }
    let tokens = rows.reduce(0.0) { $0 + Double($1.tokens) * Double($1.seeds.count) }
    let seconds = rows.reduce(0.0) { $0 + $1.seconds * Double($1.seeds.count) }
    return (
      "Arms and runs", "\(rows.count) × \(seeds(rows))",
      "\(runs) runs, \(Figures.count(tokens)) tokens, \(Figures.duration(seconds: seconds)) in all"
    )
  }

  private func seeds(_ rows: [ArmReport]) -> String {
    let counts = Set(rows.map(\.seeds.count)).sorted()
    let range = counts.count > 1 ? "\(counts[0])–\(counts[counts.count - 1])" : "\(counts[0])"
    return range + (counts == [1] ? " seed" : " seeds")
  }
}
