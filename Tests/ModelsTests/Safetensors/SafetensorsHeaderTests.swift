import Foundation
import Testing

@testable import Models

@Suite struct SafetensorsHeaderTests {
  private static func read(_ bytes: [UInt8]) throws -> SafetensorsHeader {
    try bytes.withUnsafeBytes { try SafetensorsHeader($0, file: "f") }
  }

  private static func entry(_ name: String, _ begin: Int, _ end: Int) -> String {
    entry(name, "F32", "[1]", begin, end)
  }

  private static func entry(
    _ name: String, _ type: String, _ shape: String, _ begin: Int, _ end: Int
  ) -> String {
    #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
  }

  @Test func aSoundHeaderIsRead() throws {
    let header =
      #"{"__metadata__":{"format":"pt"},"#
      + Self.entry("b", "F32", "[2,1]", 4, 12) + "," + Self.entry("a", "I8", "[]", 0, 1) + ","
      + Self.entry("e", "F64", "[3,0]", 1, 1) + "," + Self.entry("c", "F16", "[]", 1, 3) + ","
      + Self.entry("d", "BOOL", "[1]", 3, 4) + "}   "
    let folder = try TemporaryFolder()
    let bytes = safetensors(header, Array(repeating: 0, count: 12))
    let read = try SafetensorsFile(path: try folder.write(bytes, as: "x"))
    #expect(read.entries.map(\.name) == ["a", "e", "c", "d", "b"])
    #expect(read.entries.last?.shape == [2, 1])
    #expect(read.metadata == ["format": "pt"])
    #expect(read.header.dataStart == 8 + header.utf8.count)
  }

  static let lies: [(String, [UInt8], SafetensorsError)] = [
    ("empty", [], .tooShort(file: "f", needed: 8, found: 0)),
    (
      "ends in the header", safetensors("{", length: 40), .tooShort(file: "f", needed: 48, found: 9)
    ),
    (
      "too large", safetensors("{}", length: 100_000_001),
      .headerTooLarge(file: "f", length: 100_000_001)
    ),
    ("2^63", safetensors("{}", length: 1 << 63), .headerTooLarge(file: "f", length: 1 << 63)),
    ("no header", safetensors(""), .headerNotObject(file: "f")),
    ("white space first", safetensors(" {}"), .headerNotObject(file: "f")),
    ("an array", safetensors("[]"), .headerNotObject(file: "f")),
    (
      "the same name twice",
      safetensors("{\(entry("a", 0, 4)),\(entry("a", 4, 8))}", Array(repeating: 0, count: 8)),
      .duplicateKey(file: "f", key: "a")
    ),
    (
      "the same name twice, escaped",
      safetensors(
        "{\(entry("a", 0, 4)),\(entry(#"\u0061"#, 4, 8))}", Array(repeating: 0, count: 8)),
      .duplicateKey(file: "f", key: "a")
    ),
    (
      "the same field twice",
      safetensors(#"{"a":{"dtype":"F32","dtype":"F32","shape":[],"data_offsets":[0,4]}}"#),
      .duplicateKey(file: "f", key: "a.dtype")
    ),
    (
      "two metadata", safetensors(#"{"__metadata__":{},"__metadata__":{}}"#),
      .duplicateKey(file: "f", key: "__metadata__")
    ),
    (
      "metadata key twice", safetensors(#"{"__metadata__":{"a":"","a":""}}"#),
      .duplicateKey(file: "f", key: "__metadata__.a")
    ),
    (
      "metadata of numbers", safetensors(#"{"__metadata__":{"a":1}}"#),
      .metadataNotString(file: "f", key: "a")
    ),
    (
      "unknown type", safetensors("{\(entry("a", "F33", "[1]", 0, 4))}", [0, 0, 0, 0]),
      .unknownType(file: "f", name: "a", type: "F33")
    ),
    (
      "backwards", safetensors("{\(entry("a", "F32", "[0]", 4, 0))}", [0, 0, 0, 0]),
      .badOffsets(file: "f", name: "a", begin: 4, end: 0)
    ),
    (
      "overlap",
      safetensors("{\(entry("a", 0, 4)),\(entry("b", 2, 6))}", Array(repeating: 0, count: 6)),
      .overlap(file: "f", name: "b", other: "a")
    ),
    (
      "one range twice",
      safetensors("{\(entry("a", 0, 4)),\(entry("b", 0, 4))}", [0, 0, 0, 0]),
      .overlap(file: "f", name: "b", other: "a")
    ),
    (
      "a hole", safetensors("{\(entry("a", 0, 4)),\(entry("b", 6, 10))}", Array(0..<10)),
      .hole(file: "f", name: "b", count: 2)
    ),
    (
      "past the end", safetensors("{\(entry("a", 0, 4))}", [0, 0]),
      .pastEnd(file: "f", name: "a", end: 4, available: 2)
    ),
    (
      "trailing bytes", safetensors("{\(entry("a", 0, 4))}", [0, 0, 0, 0, 0]),
      .trailingBytes(file: "f", count: 1)
    ),
    (
      "data without tensors", safetensors("{}", [1]), .trailingBytes(file: "f", count: 1)
    ),
    (
      "another size", safetensors("{\(entry("a", "F32", "[2]", 0, 4))}", [0, 0, 0, 0]),
      .sizeMismatch(file: "f", name: "a", needed: 8, found: 4)
    ),
    (
      "overflow",
      safetensors("{\(entry("a", "F32", "[4294967296,4294967296]", 0, 0))}"),
      .overflow(file: "f", name: "a")
    ),
    (
      "overflow hidden by a zero",
      safetensors("{\(entry("a", "F32", "[9223372036854775807,9,0]", 0, 0))}"),
      .overflow(file: "f", name: "a")
    ),
    (
      "half a byte", safetensors("{\(entry("a", "F4", "[1]", 0, 0))}"),
      .overflow(file: "f", name: "a")
    ),
    (
      "a missing field", safetensors(#"{"a":{"dtype":"F32","shape":[]}}"#),
      .badEntry(
        file: "f", name: "a", problem: "lacks one of dtype, shape and data_offsets")
    ),
    (
      "three offsets",
      safetensors(#"{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4,8]}}"#),
      .badEntry(file: "f", name: "a", problem: "has 3 data_offsets instead of 2")
    ),
    (
      "a strange field", safetensors(#"{"a":{"dtyp":"F32"}}"#),
      .badEntry(file: "f", name: "a", problem: "has a field dtyp")
    ),
  ]

  @Test(arguments: lies) func aLieIsNamed(
    title: String, bytes: [UInt8], error: SafetensorsError
  ) {
    #expect(throws: error, "\(title)") { try Self.read(bytes) }
    #expect(error.description.hasPrefix("f: ") && !error.description.contains("\n"))
  }

  @Test(arguments: [
    "{", #"{"a""#, #"{"a":"#, "{}}", "{} x", #"{"a":1}"#, #"{,}"#,
    #"{"a":{"dtype":"F32","shape":[1,],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#,
    #"{"a\q":1}"#, #"{"\ud800":1}"#, "{\"a\u{1}\":1}",
  ]) func brokenJSONIsNamed(header: String) {
    let error = #expect(throws: SafetensorsError.self) { try Self.read(safetensors(header)) }
    guard case .badHeader? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func invalidUTF8IsNamed() {
    let bytes = littleEndian(UInt64(6)) + Array("{\"".utf8) + [0xFF] + Array("\":1".utf8)
    let error = #expect(throws: SafetensorsError.self) { try Self.read(bytes) }
    #expect(error?.description.contains("UTF-8") == true)
  }

  @Test func everyTruncationIsAnError() {
    let header = "{\(Self.entry("a", 0, 4)),\(Self.entry("b", "F16", "[2]", 4, 8))}"
    let whole = safetensors(header, Array(0..<8))
    #expect(throws: Never.self) { try Self.read(whole) }
    for count in whole.indices {
      #expect(throws: SafetensorsError.self) { try Self.read(Array(whole[..<count])) }
    }
  }

  @Test func everyChangedByteIsReadOrNamed() throws {
    let header = "{\(Self.entry("a", 0, 4)),\(Self.entry("b", "F16", "[2]", 4, 8))}"
    let whole = safetensors(header, Array(0..<8))
    for index in 0..<(8 + header.utf8.count) {
      for change: UInt8 in [1, 2, 16, 128, 255] {
        var bytes = whole
        bytes[index] ^= change
        do { _ = try Self.read(bytes) } catch is SafetensorsError {}
      }
    }
  }
}
