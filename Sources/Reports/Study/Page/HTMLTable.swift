/// A table of the page, in a box that scrolls by itself and can be reached by keyboard.
struct HTMLTable {
  /// A cell of text.
  struct Cell {
    /// The text.
    var text: String
    /// Whether it is a number, which stands on the right.
    var isNumber: Bool

    /// A cell of words.
    static func words(_ text: String) -> Cell { Cell(text: text, isNumber: false) }

    /// A cell with a number; nothing stands for one that was not measured.
    static func number(_ text: String?) -> Cell { Cell(text: text ?? "", isNumber: true) }
  }

  /// A row: its heading, with an arm's mark if it is one, and its cells.
  struct Row {
    /// The heading.
    var heading: String
    /// The arm's style, if the row is an arm's.
    var style: ArmStyle?
    /// The cells.
    var cells: [Cell]
  }

  /// What the table shows.
  var caption: String
  /// The titles of the columns, that of the headings first.
  var titles: [String]
  /// The rows.
  var rows: [Row]

  /// The table without the columns that are empty in every row.
  var html: String {
    let kept = titles.indices.dropFirst().filter { column in
      rows.contains { !$0.cells[column - 1].text.isEmpty }
    }
    let heads = [0] + kept
    let head = heads.map { column in
      let isNumber = column > 0 && rows.contains { $0.cells[column - 1].isNumber }
      return isNumber
        ? Markup.element("th", ["scope": "col", "class": "number"], Markup.escape(titles[column]))
        : Markup.element("th", ["scope": "col"], Markup.escape(titles[column]))
    }
    let body = rows.map { row in
      let name = StudyPage.name(row.heading, row.style)
      let cells = kept.map { cell(row.cells[$0 - 1]) }
      return "<tr>" + Markup.element("th", ["scope": "row"], name) + cells.joined() + "</tr>"
    }
    return Self.scrolling(
      caption,
      "<table>" + Markup.element("caption", [:], Markup.escape(caption))
        + "<thead><tr>\(head.joined())</tr></thead><tbody>\(body.joined())</tbody></table>")
  }

  /// Markup in a box that scrolls by itself; the label says what is in it.
  static func scrolling(_ label: String, _ content: String) -> String {
    Markup.element(
      "div", ["class": "scroll", "role": "region", "aria-label": label, "tabindex": "0"], content)
  }

  private func cell(_ cell: Cell) -> String {
    let text = Markup.escape(cell.text)
    return cell.isNumber
      ? Markup.element("td", ["class": "number"], text)
      : Markup.element("td", [:], "<bdi>\(text)</bdi>")
  }
}
