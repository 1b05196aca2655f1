@testable import Base
import Foundation
import Testing

@testable import Models
import Text

@Suite struct JSONTests {
  private func parse(_ text: String) throws -> JSONValue {
    try JSONParser.parse(Array(text.utf8))
  }

  @Test func everyKindOfValueIsRead() throws {
    let text = #"""
      {"n": null, "t": true, "f": false, "i": -12, "d": 1e-5, "z": 0.0, "big": 99999999999999999999,
       "s": "a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00", "a": [1, [], {}], "o": {"k": "v"}}
      """#
    let expected: [String: JSONValue] = [
      "n": .null, "t": .bool(true), "f": .bool(false), "i": .int(-12), "d": .double(1e-5),
      "z": .double(0), "big": .double(1e20), "s": .string("a\"\\/\u{8}\u{C}\n\r\té😀"),
      "a": .array([.int(1), .array([]), .object([:])]), "o": .object(["k": .string("v")]),
    ]
    #expect(try parse(text).object == expected)
  }

  @Test func whatIsWrittenIsRead() throws {
    let value: JSONValue = .object([
      "a": .array([.null, .bool(true), .int(Int.min), .double(0.1), .double(1e-5)]),
      "empty": .array([]), "o": .object([:]), "s\u{1}\u{1F}\"\\\n\r\té": .string("\t😀"),
    ])
    #expect(try JSONParser.parse(Array(value.json)) == value)
    #expect(try JSONParser.parse(value.compactJSON) == value)
    #expect(!value.compactJSON.contains { $0 == 0x20 || $0 == 0x0A })
  }

  @Test(arguments: [
    "", " ", "nul", "tru", "+1", "01", "-", "1.", ".5", "1e", "1e400", "NaN", "Infinity", "'a'",
    "[1,]", "[1 2]", "{\"a\":1,}", "{a:1}", "[1]]", "\"a", "\"\\x\"", "\"\\u12\"", "\"\\u00gg\"",
    "\"\\ud800\\u0041\"", "\"\n\"", "// x\n1",
  ]) func brokenTextIsRefused(text: String) {
    #expect(throws: JSONSyntaxError.self) { try parse(text) }
  }

  @Test func aKeyThatOccursTwiceIsRefused() {
    #expect(throws: JSONSyntaxError.self) { try parse(#"{"o": {"a": 1, "b": 2, "a": 1}}"#) }
  }

  @Test func deepNestingIsRefused() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: JSONSyntaxError.self) { try parse(deep) }
    #expect(throws: JSONSyntaxError.self) {
      var scanner = JSONScanner(UnsafeRawBufferPointer(start: nil, count: 0))
      try scanner.skipValue(depth: 0)
    }
  }
}
