import Reports

extension StudyPage {
  /// The loss within each group of documents.
  var groups: String {
    guard !study.groups.isEmpty else { return "" }
    let panels = study.groups.enumerated().map { number, group in
      let tokens = ", \(Figures.count(group.tokens)) tokens"
      let teacher = group.teacher.map { "; the teacher: \(Numbers.decimal($0))" } ?? ""
      return Markup.element(
        "figure", ["class": "panel"],
        Markup.element(
          "figcaption", [:],
          "<b><bdi>\(Markup.escape(group.name))</bdi></b>" + Markup.escape(tokens + teacher))
          + figures.group(group).canvas(id: prefix + "group-\(number)", width: 320).inline())
    }
    return lead(
      "All axes are equally long, so that distances compare across the figures. Bars are 95 % "
        + "intervals over seeds and documents.")
      + Markup.element("div", ["class": "panels broad"], panels.joined())
  }

  /// The arms' continuations of each prompt.
  var samples: String {
    study.samples.map { sample in
      let cards = sample.texts.map { text in
        Markup.element(
          "div", ["class": "sample"],
          Markup.element("h4", [:], Self.name(text.arm, figures.style(of: text.arm)))
            + Markup.element("p", ["dir": "auto"], Markup.escape(text.text)))
      }
      return Markup.element("h3", [:], "Prompt")
        + Markup.element(
          "blockquote", ["dir": "auto"], Markup.element("p", [:], Markup.escape(sample.prompt)))
        + Markup.element("div", ["class": "samples"], cards.joined())
    }.joined()
  }

  /// The settings that differ as a table, those in common behind a click.
  var configuration: String {
    differences + common
  }

  /// The commands.
  var reproduction: String {
    guard !study.command.isEmpty else { return "" }
    let commands = Markup.escape(study.command)
    let code = Markup.element(
      "pre", ["tabindex": "0", "role": "region", "aria-label": "Commands"],
      "<code>\(commands)</code>")
    return lead(
      "With codistill \(study.version); the same seeds give the same order of the data.") + code
      + inputs
  }

  private var inputs: String {
    guard !study.inputs.isEmpty else { return "" }
    return HTMLTable(
      id: "inputs-table",
      caption: "What was read; the beginnings of the SHA-256 tell another file of the same name",
      titles: ["input", "what it was"], rows: rows(study.inputs)
    ).html
  }

  private var differences: String {
    guard !study.differences.isEmpty else { return "" }
    let mentioned = study.differences.flatMap { $0.values.map(\.arm) }
    let rows = figures.arms.filter(Set(mentioned).contains).map { arm in
      HTMLTable.Row(
        heading: arm, style: figures.style(of: arm),
        cells: study.differences.map { difference in
          .words(difference.values.first { $0.arm == arm }?.text ?? "–")
        })
    }
    return HTMLTable(
      id: "differences-table",
      caption: "The settings that are not the same in all arms; – where an arm has none",
      titles: ["arm"] + study.differences.map(\.key), rows: rows
    ).html
  }

  private var common: String {
    guard !study.common.isEmpty else { return "" }
    let table = HTMLTable(
      id: "common-table", caption: "The settings that all arms share",
      titles: ["setting", "value"], rows: rows(study.common))
    return "<details>"
      + Markup.element("summary", [:], "What all arms share (\(study.common.count) settings)")
      + table.html + "</details>"
  }

  private func rows(_ settings: [Study.Setting]) -> [HTMLTable.Row] {
    settings.map { HTMLTable.Row(heading: $0.key, cells: [.words($0.value)]) }
  }
}
