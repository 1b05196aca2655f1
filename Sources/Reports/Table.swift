/// A table, as text for a terminal or as Markdown.
///
/// ```swift
/// var table = Table([.words("arm"), .numbers("NLL")])
/// table.append(["distilled", "3.214"])
/// table.append(["plain", "3.305"])
/// print(table.text)
/// ```
package struct Table: Sendable, Equatable {
  /// The side on which the cells of a column stand.
  package enum Alignment: Sendable {
    /// Words.
    case left
    /// Numbers.
    case right
  }

  /// A column: its title, and the side on which its cells stand.
  package struct Column: Sendable, Equatable {
    /// The title.
    package var title: String
    /// The side on which the cells stand.
    package var alignment: Alignment

    /// A column of words.
    package static func words(_ title: String) -> Column { Column(title: title, alignment: .left) }

    /// A column of numbers.
    package static func numbers(_ title: String) -> Column {
      Column(title: title, alignment: .right)
    }
  }

  /// The columns.
  package let columns: [Column]
  /// The rows, each with a cell for every column.
  package private(set) var rows: [[String]] = []

  /// A table without rows.
  package init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row of as many cells as there are columns.
  package mutating func append(_ cells: [String]) {
    precondition(cells.count == columns.count, "\(cells.count) cells, \(columns.count) columns")
    // A line break inside a cell would break the table, and a long one all of its lines.
    rows.append(
      cells.map { cell in
        let line = cell.utf8.count > 200 ? cell.cut(to: 200) : cell
        return line.split(whereSeparator: \.isNewline).joined(separator: " ").visible()
      })
  }

  /// Aligned columns, two blanks apart, with a rule under the titles.
  package var text: String {
    let widths = widths(of: [columns.map(\.title)] + rows)
    let rule = widths.map { String(repeating: "-", count: $0) }
    return ([columns.map(\.title), rule] + rows).map { cells in
      var line = padded(cells, widths).joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }

  /// A Markdown table, aligned in its source too.
  package var markdown: String {
    let escaped = ([columns.map(\.title)] + rows).map { $0.map(Self.escape) }
    let widths = widths(of: escaped).map { max($0, 3) }
    let rule = zip(columns, widths).map { column, width in
      let dashes = String(repeating: "-", count: width - 1)
      return column.alignment == .right ? dashes + ":" : dashes + "-"
    }
    let lines = escaped.map { padded($0, widths) }
    return ([lines[0], rule] + lines.dropFirst()).map { "| " + $0.joined(separator: " | ") + " |" }
      .joined(separator: "\n")
  }

  private static func escape(_ cell: String) -> String { cell.replacing("|", with: "\\|") }

  private func widths(of lines: [[String]]) -> [Int] {
    columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
  }

  private func padded(_ cells: [String], _ widths: [Int]) -> [String] {
    cells.indices.map { index in
      let blanks = String(repeating: " ", count: widths[index] - cells[index].count)
      return columns[index].alignment == .left ? cells[index] + blanks : blanks + cells[index]
    }
  }
}

/// A table for other programs: comma-separated values as RFC 4180 has them.
package struct CommaSeparated: Sendable, Equatable {
  private var lines: [[String]]

  /// A table with the names of its columns.
  package init(_ columns: [String]) { lines = [columns] }

  /// Adds a row of as many cells as there are columns.
  package mutating func append(_ cells: [String]) {
    precondition(cells.count == lines[0].count, "\(cells.count) cells, \(lines[0].count) columns")
    lines.append(cells)
  }

  /// The text: a line a row, each ended by CR LF, as the RFC says.
  package var text: String {
    lines.map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
  }

  private static func quoted(_ cell: String) -> String {
    let cell = isFormula(cell) ? "'" + cell : cell
    // By scalars: CR LF is one character, which equals neither. Some spreadsheets split at tabs and
    // semicolons, too, and would run what follows them.
    let needsQuotes = cell.unicodeScalars.contains {
      [",", "\"", "\n", "\r", "\t", ";"].contains($0)
    }
    return needsQuotes ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
  }

  /// Whether a spreadsheet would run a cell instead of showing it (OWASP, "CSV injection"); numbers
  /// are none.
  private static func isFormula(_ cell: String) -> Bool {
    guard let first = cell.unicodeScalars.first, "=+-@\t\r\n＝＋－＠".unicodeScalars.contains(first)
    else { return false }
    let isNumeric = cell.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
    return !(isNumeric && Double(cell) != nil) && cell != "-inf"
  }
}
