/// A protocol-buffer message being written, field by field (the wire format of protobuf 3).
struct ProtobufMessage {
  /// The bytes written so far.
  private(set) var bytes: [UInt8] = []

  /// Appends a whole number, eight bits after seven; a negative one takes ten bytes.
  mutating func append(_ field: Int, integer value: Int64) {
    key(field, wireType: 0)
    variableLength(UInt64(bitPattern: value))
  }

  /// Appends a number of 64 bits.
  mutating func append(_ field: Int, double value: Double) {
    key(field, wireType: 1)
    bytes += littleEndian(value.bitPattern)
  }

  /// Appends a number of 32 bits.
  mutating func append(_ field: Int, float value: Float) {
    key(field, wireType: 5)
    bytes += littleEndian(value.bitPattern)
  }

  /// Appends a text.
  mutating func append(_ field: Int, text: String) { append(field, bytes: Array(text.utf8)) }

  /// Appends a message within this one.
  mutating func append(_ field: Int, message: ProtobufMessage) {
    append(field, bytes: message.bytes)
  }

  private mutating func append(_ field: Int, bytes content: [UInt8]) {
    key(field, wireType: 2)
    variableLength(UInt64(content.count))
    bytes += content
  }

  private mutating func key(_ field: Int, wireType: Int) {
    variableLength(UInt64(field << 3 | wireType))
  }

  private mutating func variableLength(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// The bytes of a number, the lowest first.
func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
