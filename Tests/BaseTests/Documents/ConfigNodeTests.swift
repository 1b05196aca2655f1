@testable import Base
import Foundation
import TestSupport
import Testing

@Suite struct ConfigNodeTests {
  private func parse(_ text: String) throws -> ConfigNode {
    try ConfigNode.parse(text, file: "a.yaml")
  }

  @Test func placesAreLinesAndColumns() throws {
    let entries = try parse("a: 1\nb:\n  c: [2, x]\n").entries()
    #expect(entries[1].place == .file("a.yaml", line: 2, column: 1))
    let c = try #require(try entries[1].value.entries().first)
    #expect(c.place == .file("a.yaml", line: 3, column: 3))
    let elements = try c.value.elements()
    #expect(elements[1].place == .file("a.yaml", line: 3, column: 10))
    #expect(elements[1].path == "b.c[1]")
  }

  @Test(arguments: [
    ("3", JSONValue.int(3)), ("-7", .int(-7)), ("61_440", .int(61440)), ("1e-4", .double(1e-4)),
    ("010", .int(10)), ("no", .string("no")), ("true", .bool(true)), ("~", .null),
    ("1:30", .string("1:30")), ("nan", .string("nan")), ("\"3\"", .string("3")),
    ("[1, a]", .array([.int(1), .string("a")])), ("{a: 1.5}", .object(["a": .double(1.5)])),
  ])
  func scalarsFollowTheCoreSchema(text: String, expected: JSONValue) throws {
    #expect(try parse(text).value == expected)
  }

  @Test func wholeNumbersMayHaveAnExponentAndNothingElse() throws {
    #expect(try parse("1e6").integer() == 1_000_000)
    for text in ["1.5", "1e30", "\"3\"", "0x10", "three", "", "[1]", "nan"] {
      #expect(throws: ConfigError.self) { try parse(text).integer() }
    }
  }

  @Test(arguments: ["a: [1", "a: b: c", "\"open", "a:\n\t- b", "a: 1\n---\nb: 2\n", "? [x]\n: 1\n"])
  func brokenTextIsASyntaxError(text: String) {
    #expect {
      try parse(text)
    } throws: { error in
      guard case .syntax(.file("a.yaml", let line, _), _)? = error as? ConfigError else {
        return false
      }
      return line >= 1 && !"\(error)".contains("\n")
    }
  }

  @Test func duplicateKeysAreRefused() {
    #expect {
      try parse("a: 1\nb: 2\na: 3\n")
    } throws: { error in
      guard case .duplicateKey(_, key: "a")? = error as? ConfigError else { return false }
      return true
    }
  }

  @Test func aliasBombsAreRefusedBeforeTheyGrow() {
    var bomb = "a0: &a0 [x, x]\n"
    for level in 1...40 { bomb += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    bomb += "? *a40\n: hashed\n"
    #expect(throws: ConfigError.alias(.file("a.yaml", line: 2, column: 10), name: "a0")) {
      try parse(bomb)
    }
  }

  @Test func starsAndAmpersandsInTextAreNoAliases() throws {
    let root = try parse("prompt: \"Tom &Jerry and *then*\"\nother: AT&T *\n")
    #expect(try root.entries()[0].value.string() == "Tom &Jerry and *then*")
  }

  @Test func deepNestingIsAnError() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: ConfigError.self) { try parse(text) }
  }

  @Test func missingFoldersAndBytesThatAreNoText() throws {
    #expect(throws: ConfigError.missingFile("/nowhere/a.yaml")) {
      try ConfigNode.read(file: "/nowhere/a.yaml")
    }
    try withTemporaryDirectory { folder in
      #expect(throws: ConfigError.self) { try ConfigNode.read(file: folder.path()) }
      let file = folder.appending(path: "a.yaml")
      try Data([0x61, 0x3A, 0x20, 0xFF, 0xFE]).write(to: file)
      #expect(
        throws: ConfigError.notUTF8(file.path(), encoding: nil)
      ) { try ConfigNode.read(file: file.path()) }
    }
  }

  @Test("case yaml-bom: a mark before the text and any line ends are read")
  func aMarkAndLineEnds() throws {
    try withTemporaryDirectory { folder in
      let file = folder.appending(path: "a.yaml")
      for text in ["\u{FEFF}a: 1\nb:\n  c: x\n", "\u{FEFF}a: 1\r\nb:\r\n  c: x\r\n"] {
        try Data(Array(text.utf8)).write(to: file)
        let entries = try ConfigNode.read(file: file.path).entries()
        #expect(entries.map(\.key) == ["a", "b"])
        #expect(entries[0].place == .file(file.path, line: 1, column: 1))
        #expect(try entries[1].value.entries()[0].value.string() == "x")
      }
    }
  }

  @Test(
    "case yaml-bom: another encoding is named",
    arguments: [
      ([0xFF, 0xFE, 0x61, 0, 0x3A, 0], "UTF-16"), ([0xFE, 0xFF, 0, 0x61, 0, 0x3A], "UTF-16"),
      ([0x61, 0, 0x3A, 0, 0x20, 0, 0x31, 0], "UTF-16LE"),
      ([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], "UTF-32"),
      ([0x61, 0x3A, 0x20, 0xE9], "not UTF-8"),
    ] as [([UInt8], String)])
  func otherEncodings(bytes: [UInt8], name: String) throws {
    try withTemporaryDirectory { folder in
      let file = folder.appending(path: "a.yaml")
      try Data(bytes).write(to: file)
      #expect {
        try ConfigNode.read(file: file.path)
      } throws: {
        "\($0)".hasPrefix("\(file.path): this config is \(name); convert it (iconv -f ")
      }
    }
  }
}
