/// A study as one HTML file that needs nothing else: no network, no script.
///
/// It is light or dark as the reader's screen is, prints in light colours, and is written as
/// well-formed XML. All text of the study is escaped.
package struct StudyPage {
  let study: Study
  let figures: StudyFigures

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
      Section(id: "ranking", title: "Ranking", content: ranking),
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
