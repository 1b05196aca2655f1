/// JSON in the making, as bytes: what lines of many numbers are written with.
///
/// Numbers are the shortest decimals that read back as the same bits. A comma follows every value
/// and gives way to the bracket that closes.
struct JSONText {
  private(set) var bytes: [UInt8] = []

  /// Writes an object; the body writes its members.
  mutating func object(_ members: (inout JSONText) -> Void) {
    bytes.append(UInt8(ascii: "{"))
    members(&self)
    close(UInt8(ascii: "}"))
  }

  /// Writes a key of the object that is open; its value must follow.
  mutating func key(_ name: StaticString) {
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes += [UInt8(ascii: "\""), UInt8(ascii: ":")]
  }

  /// Writes an array; `element` writes each of its elements.
  mutating func array<Elements: Sequence>(
    _ elements: Elements, _ element: (inout JSONText, Elements.Element) -> Void
  ) {
    bytes.append(UInt8(ascii: "["))
    for value in elements { element(&self, value) }
    close(UInt8(ascii: "]"))
  }

  /// Writes an array of whole numbers.
  mutating func integers(_ values: some Sequence<some BinaryInteger>) {
    array(values) { $0.word($1.description) }
  }

  /// Writes an array of numbers; an infinity, which JSON does not have, becomes `null`.
  mutating func numbers<Number: BinaryFloatingPoint & CustomStringConvertible>(
    _ values: some Sequence<Number>
  ) {
    array(values) { $0.word($1.isFinite ? $1.description : "null") }
  }

  /// Writes a string of letters and digits.
  mutating func string(_ plain: String) { word("\"\(plain)\"") }

  /// Writes a number or a literal.
  mutating func word(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    bytes.append(UInt8(ascii: ","))
  }

  /// The bytes of a finished value, on a line of its own.
  consuming func line() -> [UInt8] {
    bytes[bytes.count - 1] = UInt8(ascii: "\n")
    return bytes
  }

  private mutating func close(_ bracket: UInt8) {
    if bytes.last == UInt8(ascii: ",") { bytes.removeLast() }
    bytes += [bracket, UInt8(ascii: ",")]
  }
}
