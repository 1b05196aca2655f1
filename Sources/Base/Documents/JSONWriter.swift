public import Foundation

/// JSON in the making, as UTF-8.
///
/// Numbers are the shortest decimals that read back as the same bits. A comma follows every value
/// and gives way to the bracket that closes.
package struct JSONWriter {
  /// The layout of written JSON.
  package enum Layout {
    /// On one line, without white space.
    case compact
    /// A line each member and element, two spaces deeper than what holds them.
    case indented
  }

  private var bytes: [UInt8] = []
  private let layout: Layout
  private let spellsOutControls: Bool
  private var depth = 0

  /// A writer of nothing yet.
  ///
  /// - Parameters:
  ///   - layout: The layout of the text.
  ///   - spellsOutControls: Whether tabs and returns are written by their numbers, as in the JSON
  ///     that tokenizers are known by.
  package init(_ layout: Layout = .compact, spellsOutControls: Bool = false) {
    self.layout = layout
    self.spellsOutControls = spellsOutControls
  }

  /// Writes an object; the body writes its members.
  package mutating func object(_ members: (inout JSONWriter) -> Void) {
    open(UInt8(ascii: "{"))
    members(&self)
    close(UInt8(ascii: "}"))
  }

  /// Writes a key of the object that is open; its value must follow.
  package mutating func key(_ name: String) {
    startLine()
    quote(name)
    bytes.append(UInt8(ascii: ":"))
    if layout == .indented { bytes.append(UInt8(ascii: " ")) }
  }

  /// Writes an array; `element` writes each of its elements.
  package mutating func array<Elements: Sequence>(
    _ elements: Elements, _ element: (inout JSONWriter, Elements.Element) -> Void
  ) {
    open(UInt8(ascii: "["))
    for value in elements {
      startLine()
      element(&self, value)
    }
    close(UInt8(ascii: "]"))
  }

  /// Writes an array of whole numbers.
  package mutating func integers(_ values: some Sequence<some BinaryInteger>) {
    array(values) { writer, value in
      guard let number = Int(exactly: value) else { return writer.word(value.description) }
      writer.bytes.append(decimal: number)
      writer.bytes.append(UInt8(ascii: ","))
    }
  }

  /// Writes an array of numbers; an infinity, which JSON does not have, becomes `null`.
  package mutating func numbers<Number: BinaryFloatingPoint & CustomStringConvertible>(
    _ values: some Sequence<Number>
  ) {
    array(values) { $0.word($1.isFinite ? $1.description : "null") }
  }

  /// Writes a string.
  package mutating func string(_ text: String) {
    quote(text)
    bytes.append(UInt8(ascii: ","))
  }

  /// Writes a number or a literal.
  package mutating func word(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    bytes.append(UInt8(ascii: ","))
  }

  /// The bytes of a finished value.
  package consuming func finish() -> [UInt8] {
    bytes.removeLast()
    return bytes
  }

  /// The bytes of a finished value, on a line of its own.
  package consuming func line() -> [UInt8] {
    bytes[bytes.count - 1] = UInt8(ascii: "\n")
    return bytes
  }

  private mutating func open(_ bracket: UInt8) {
    bytes.append(bracket)
    depth += 1
  }

  private mutating func close(_ bracket: UInt8) {
    depth -= 1
    if bytes.last == UInt8(ascii: ",") {
      bytes.removeLast()
      startLine()
    }
    bytes += [bracket, UInt8(ascii: ",")]
  }

  private mutating func startLine() {
    guard layout == .indented else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes += repeatElement(UInt8(ascii: " "), count: 2 * depth)
  }

  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes += "\\\"".utf8
      case UInt8(ascii: "\\"): bytes += "\\\\".utf8
      case 0x0A: bytes += "\\n".utf8
      case 0x09 where !spellsOutControls: bytes += "\\t".utf8
      case 0x0D where !spellsOutControls: bytes += "\\r".utf8
      case 0x00..<0x20: bytes += "\\u00\([byte].hexadecimal)".utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

extension JSONWriter {
  /// Writes a value, members in their order.
  ///
  /// - Precondition: Every number is finite.
  package mutating func value(_ value: JSONValue) {
    switch value {
    case .null: word("null")
    case .bool(let truth): word(truth ? "true" : "false")
    case .int(let number): word(String(number))
    case .double(let number):
      precondition(number.isFinite, "JSON has no word for \(number)")
      word(String(number))
    case .string(let text): string(text)
    case .array(let elements): array(elements) { $0.value($1) }
    case .object(let members):
      object { json in
        for member in members {
          json.key(member.key)
          json.value(member.value)
        }
      }
    }
  }
}

extension JSONValue {
  /// The value as JSON with two-space indent, as transformers writes it.
  ///
  /// - Precondition: every number is finite.
  public var json: Data { Data(written(JSONWriter(.indented)).line()) }

  /// The value as UTF-8 JSON on a single line, without white space.
  package var compactJSON: [UInt8] { written(JSONWriter()).finish() }

  /// The value as the JSON that tokenizers are saved and known by: on a single line, without white
  /// space, tabs and returns by their numbers.
  package func serialized() -> [UInt8] {
    written(JSONWriter(spellsOutControls: true)).finish()
  }

  private func written(_ writer: JSONWriter) -> JSONWriter {
    var writer = writer
    writer.value(self)
    return writer
  }
}

extension Encoder {
  /// Encodes an object key by key, beside the keys it already has; a field that is nil has none.
  package func encode(_ fields: KeyValuePairs<String, (any Encodable)?>) throws {
    var object = container(keyedBy: FieldKey.self)
    for (key, value) in fields {
      if let value { try object.encode(value, forKey: FieldKey(stringValue: key)) }
    }
  }
}

private struct FieldKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
