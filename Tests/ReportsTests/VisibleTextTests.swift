import Reports
import Testing

@Suite struct VisibleTextTests {
  @Test(
    "case messages: what would act on a terminal is escaped",
    arguments: [
      ("\u{1B}[2J\u{1B}]0;owned\u{7}", "\\u001b[2J\\u001b]0;owned\\u0007"),
      ("a\u{9B}31m", "a\\u009b31m"), ("x\u{7F}\u{0}", "x\\u007f\\u0000"),
      ("a\r\nb\tc", "a\\r\\nb\\tc"),
      ("\u{202E}gpj.exe\u{2066}", "\\u202egpj.exe\\u2066"),
      ("a\u{2028}b\u{2029}", "a\\u2028b\\u2029"),
      ("Ünï çødé 日本 👩‍👩‍👧 c:\\path", "Ünï çødé 日本 👩‍👩‍👧 c:\\path"),
    ])
  func activeCharactersAreEscaped(text: String, expected: String) {
    #expect(text.visible() == expected)
    #expect(text.line == expected)
  }

  @Test func whatIsKeptStays() {
    #expect("a\nb\u{1B}".visible(keeping: ["\n"]) == "a\nb\\u001b")
  }

  @Test("case messages: a line is bounded, its beginning and end stay")
  func linesAreBounded() {
    let name = String(repeating: "n", count: 1_000_000)
    let line = "file.gguf: no tensor \(name) in it; restore the file".line
    #expect(
      line.hasPrefix("file.gguf: no tensor nnn") && line.hasSuffix("n in it; restore the file"))
    #expect(line.unicodeScalars.count < 260)
    let words = (0..<200_000).map { "k\($0)" }.joined(separator: ", ")
    let list = "a.jsonl:1: no key 'text' (keys: \(words)); name it".line
    #expect(list.unicodeScalars.count == 1_600)
    #expect(list.hasPrefix("a.jsonl:1: no key") && list.hasSuffix("; name it"))
    #expect("short".cut(to: 5) == "short" && "longer".cut(to: 5) == "lon…r")
  }

  @Test("case messages: cells of tables are escaped and bounded")
  func cellsOfTables() {
    var table = Table([.words("group")])
    table.append(["\u{1B}[2Jred\nblue"])
    table.append([String(repeating: "g", count: 100_000)])
    #expect(table.text.contains("\\u001b[2Jred blue") && !table.text.contains("\u{1B}"))
    #expect(table.text.count < 1_000)
  }
}
