import TestSupport
import Testing

@testable import Base

@Suite struct JSONParserTests {
  private func parse(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

  @Test(arguments: [
    #"{"a":[1,-2.5,true,false,null,"x\n\u00e9"]}"#, "[]", "{}", #""""#, "0", "-7",
    #"{"k":{"k":{"k":[[],{}]}}}"#, "[1e+300]",
  ]) func writingUndoesReading(text: String) throws {
    let bytes = try parse(text).serialized()
    #expect(try JSONParser.parse(bytes).serialized() == bytes)
  }

  @Test func valuesAreWhatIsWritten() throws {
    let value = try parse(#" { "a" : [ 1 , -2.5e1 ] , "\ud83d\ude42" : "\"\\\/\b\f\n\r\t" } "#)
    #expect(value["a"]?.array?.first?.integer == 1)
    guard case .double(-25)? = value["a"]?.array?.last else { return #expect(Bool(false)) }
    #expect(value["🙂"]?.string == "\"\\/\u{8}\u{C}\n\r\t")
  }

  @Test func numbersAreIntsWhereTheyAreWrittenSoAndFit() throws {
    for (text, int) in [
      ("0", 0), ("7", 7), ("123456789012345678", 123_456_789_012_345_678),
      ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min), ("-0", 0),
    ] {
      for end in ["", " ", "\t", "\n", "\r"] {
        #expect(try parse(text + end) == .int(int))
        #expect(try parse("[\(text + end)]") == .array([.int(int)]))
        #expect(try parse("[\(text + end),1]") == .array([.int(int), .int(1)]))
        #expect(try parse("{\"a\":\(text + end)}")["a"] == .int(int))
      }
    }
    for (text, double) in [
      ("9223372036854775808", 9_223_372_036_854_775_808.0), ("1e2", 100), ("1E2", 100),
      ("1.0", 1), ("12345678901234567890", 12_345_678_901_234_567_168),
    ] { #expect(try parse("[\(text)]") == .array([.double(double)])) }
    for text in ["01", "00", "1a", "1-", "1+1", "1\"", "1[", "18446744073709551616x"] {
      #expect(throws: JSONSyntaxError.self) { try parse("[\(text)]") }
    }
  }

  @Test func keysAreComparedByBytes() throws {
    let value = try parse("{\"\u{E9}\":1,\"e\u{301}\":2}")
    #expect(value["\u{E9}"]?.integer == 1)
    #expect(value["e\u{301}"]?.integer == 2)
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":1,}", "01", "1.", "1e", "-", "nul", "tru", "+1", ".5", "NaN",
    "\"a", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\u{1}\"",
    "{\"a\":1,\"a\":2}", "1 2", "{a:1}", "[1 2]", "1e999", "{\"a\" 1}", "\u{FEFF}{}",
  ]) func whatIsNotJSONIsRefused(text: String) {
    #expect(throws: JSONSyntaxError.self) { try parse(text) }
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    #expect(throws: JSONSyntaxError.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
    #expect(throws: JSONSyntaxError.self) { try JSONParser.parse([0x22, 0x5C, 0x6E, 0xC3, 0x22]) }
  }

  @Test func deepNestingIsRefusedAndNotARecursionWithoutEnd() throws {
    let depth = JSONParser.depthLimit
    let fits = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(throws: Never.self) { try parse(fits) }
    #expect(throws: JSONSyntaxError.self) { try parse("[" + fits + "]") }
    #expect(throws: JSONSyntaxError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
  }

  /// "é" has two spellings, and a vocabulary both.
  @Test func keysOfLargeObjectsAreComparedByBytes() throws {
    func read(_ keys: [String]) throws -> Int? {
      let text = "{" + keys.map { "\"\($0)\":1" }.joined(separator: ",") + "}"
      return try Array(text.utf8).withUnsafeBytes { bytes in
        var scanner = JSONScanner(bytes)
        scanner.checksAllKeys = true
        return try scanner.value(depth: 2).members?.count
      }
    }
    let keys = (0..<JSONParser.checkedMembers).map { "k\($0)" }
    #expect(try read(keys + ["\u{E9}", "e\u{301}"]) == keys.count + 2)
    #expect(throws: JSONDuplicateKey.self) { try read(keys + ["k7"]) }
  }

  @Test func everyTruncationIsRefused() throws {
    let bytes = Array(#"{"a":[1.5,"b\u00e9",{"c":null}],"d":true}"#.utf8)
    #expect(throws: Never.self) { try JSONParser.parse(bytes) }
    for count in 0..<bytes.count {
      #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(Array(bytes[..<count])) }
    }
  }

  @Test func randomBytesNeverTrap() {
    var generator = SplitMix64(seed: 3)
    let alphabet = Array("{}[]\",:\\u0123eE+-.truefalsn \u{E9}".utf8) + [0xFF, 0x00]
    for _ in 0..<2000 {
      let count = Int.random(in: 0...24, using: &generator)
      let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator)! }
      if let value = try? JSONParser.parse(bytes) {
        #expect(throws: Never.self) { try JSONParser.parse(value.serialized()) }
      }
    }
  }
}
