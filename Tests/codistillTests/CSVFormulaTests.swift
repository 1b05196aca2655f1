import Foundation
import Testing

/// The tables of a study hold what arms are called, and nothing that a spreadsheet would run.
@Suite struct CSVFormulaTests {
  private static let names = ["=cmd|' C calc'!A0", "@SUM(1+1)*cmd|' C calc'!A0", "+1-1"]

  @Test("case csv-formulas: names of arms are text in every table")
  func tables() throws {
    let arms = Self.names.enumerated().map { index, name in
      "  - {name: \"\(name)\", changes: {training: {learning_rate: \(index + 1)e-3}}}"
    }
    let study = """
      base: student.yaml
      arms:
      \(arms.joined(separator: "\n"))
      data: {paths: [text.jsonl], sequence_length: 16}
      overlap: keep
      tokens: 60
      """
    try inFolder { folder in
      let (config, output) = (folder.appending(path: "c.yaml"), folder.appending(path: "study"))
      let world = try SharedWorld.folder()
      let base = study.replacing("student.yaml", with: world.appending(path: "student.yaml").path)
      try Data(base.utf8).write(to: config)
      try TinyWorld.tool(["compare", config.path, "output=" + output.path], in: world)
      for name in ["arms.csv", "runs.csv"] {
        let table = try String(contentsOf: output.appending(path: name), encoding: .utf8)
        let rows = table.components(separatedBy: "\r\n").dropLast().map(Self.cells)
        #expect(rows.count == 4 && Set(rows.map(\.count)).count == 1, "\(table)")
        for row in rows.dropFirst() {
          for cell in row where Double(cell) == nil {
            #expect(!"=+-@\t\r".contains(cell.first ?? " "), "\(name): \(cell)")
          }
          // Numbers stay numbers, also those below zero.
          #expect(row.count(where: { Double($0) != nil }) >= 4, "\(name): \(row)")
        }
        #expect(Self.names.allSatisfy { name in rows.contains { $0.contains("'" + name) } })
      }
    }
  }

  /// The cells of a row without quotes in it, or with quoted ones.
  private static func cells(_ row: String) -> [String] {
    var (cells, isQuoted) = ([""], false)
    for character in row {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: cells.append("")
      default: cells[cells.count - 1].append(character)
      }
    }
    return cells
  }
}
