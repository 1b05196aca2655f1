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

    /// A cell with a number; it is empty for one that was not measured.
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

  /// Its name within the page.
  var id: String
  /// The caption: what the table shows.
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
    let table = Markup.element(
      "table", ["aria-labelledby": id],
      "<thead><tr>\(head.joined())</tr></thead><tbody>\(body.joined())</tbody>")
    // The caption stays outside the box, or it would scroll away with the table.
    return Markup.element("p", ["class": "caption", "id": id], Markup.escape(caption))
      + Markup.element(
        "div",
        ["class": "scroll", "role": "region", "aria-labelledby": id, "tabindex": "0"], table)
  }

  private func cell(_ cell: Cell) -> String {
    let text = Markup.escape(cell.text)
    return cell.isNumber
      ? Markup.element("td", ["class": "number"], text)
      : Markup.element("td", [:], "<bdi>\(text)</bdi>")
  }
}
