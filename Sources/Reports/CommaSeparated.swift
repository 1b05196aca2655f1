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
