import Measuring
import Reports
import Studies

/// A study as one HTML file that needs nothing else: no network, no script.
///
/// It is light or dark as the reader's screen is, prints in light colours, and is written as
/// well-formed XML. All text of the study is escaped.
package struct StudyPage {
  let study: Study
  let figures: StudyFigures
  /// The beginning of the names of figures and tables, which are unique in a page.
  var prefix = ""

  /// The page of a study.
  package init(_ study: Study) {
    self.study = study
    figures = StudyFigures(study)
  }

  /// The file.
  package var html: String {
    let sections = self.sections.filter { !$0.content.isEmpty }
    let body =
      header(sections)
      + "<main>" + sections.map(\.html).joined(separator: "\n") + "</main>"
      + Markup.element("footer", [:], Markup.element("p", [:], Markup.escape(origin)))
    return """
      <!DOCTYPE html>
      <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <meta name="generator" content="\(Markup.escape("codistill " + study.version))"/>
      <title>\(Markup.escape(study.title))</title>
      <style>\(PageStyle.css)</style>
      </head>
      <body>
      \(body)
      </body>
      </html>

      """
  }

  /// A part of the page under a heading of its own.
  struct Section {
    /// Its name in addresses.
    var id: String
    /// Its heading.
    var title: String
    /// Its markup; a section without any is left out.
    var content: String

    var html: String {
      Markup.element(
        "section", ["id": id, "aria-labelledby": id + "-h"],
        Markup.element("h2", ["id": id + "-h"], Markup.escape(title)) + content)
    }
  }

  private var sections: [Section] {
    [
      Section(
        id: "ranking", title: study.set.map { "Ranking on \($0)" } ?? "Ranking", content: ranking),
      Section(id: "others", title: "On the other held-out texts", content: others),
      Section(id: "training", title: "Training, run by run", content: training),
      Section(id: "held-out", title: "Held-out loss during training", content: heldOut),
      Section(id: "weights", title: "The weights that were applied", content: weights),
      Section(id: "positions", title: "Loss by position", content: positions),
      Section(id: "groups", title: "Loss by \(study.groupKey)", content: groups),
      Section(id: "samples", title: "Samples side by side", content: samples),
      Section(id: "configuration", title: "How the arms differ", content: configuration),
      Section(id: "pairs", title: "Every pair", content: pairs),
      Section(id: "reproduce", title: "How to reproduce", content: reproduction),
    ]
  }

  private func header(_ sections: [Section]) -> String {
    let links = sections.map { section in
      "<li>"
        + Markup.element("a", ["href": "#" + section.id], Markup.escape(section.title)) + "</li>"
    }
    let notes = study.notes.map { "<li>\(Markup.escape($0))</li>" }
    return "<header>" + Markup.element("h1", [:], Markup.escape(study.title))
      + Markup.element("p", ["class": "byline"], Markup.escape(origin))
      + Markup.element("p", ["class": "conclusion"], Markup.escape(unbroken(study.conclusion)))
      + (notes.isEmpty
        ? "" : Markup.element("ul", ["class": "notes", "aria-label": "Notes"], notes.joined()))
      + keyFigures
      + Markup.element("nav", ["aria-label": "Contents"], "<ul>\(links.joined())</ul>")
      + "</header>"
  }

  /// A number and its margin stay on one line.
  private func unbroken(_ text: String) -> String {
    text.replacing(" ± ", with: "\u{A0}±\u{A0}")
  }

  private var origin: String {
    [study.created, study.version.isEmpty ? "" : "codistill " + study.version]
      .filter { !$0.isEmpty }.joined(separator: " · ")
  }

  /// A name that cannot disturb the text around it, behind its mark if it is an arm's.
  static func name(_ name: String, _ style: ArmStyle?) -> String {
    let mark = style.map { style in
      #"<svg xmlns="http://www.w3.org/2000/svg" class="fig key" viewBox="-7 -7 14 14" "#
        + #"width="14" height="14" aria-hidden="true">"#
        + #"<path class="\#(style.mark)" d="\#(style.outline)"/></svg>"#
    }
    return Markup.element(
      "span", ["class": "arm"], (mark ?? "") + "<bdi>\(Markup.escape(name))</bdi>")
  }
}

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
      let value = Numbers.signed(gain.difference)
      let margin = gain.halfWidth.map { " ± " + Numbers.decimal($0) } ?? ""
      let p =
        gain.pair.adjustedP.map { "; p (Holm) \($0 < 0.001 ? "" : "= ")\(Numbers.probability($0))" }
        ?? ""
      return (
        gain.isAgainstBaseline ? "Against \(gain.other)" : "Against plain language modelling",
        value + margin,
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
