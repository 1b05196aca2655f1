/// An entry of an event file: an `Event` of TensorFlow's event.proto in the framing of TFRecord.
enum TensorBoardEvent {
  /// The first entry of every file, which names the format.
  static func head(wallTime: Double) -> [UInt8] {
    var event = ProtobufMessage()
    event.append(1, double: wallTime)
    event.append(3, text: "brain.Event:2")
    return record(event.bytes)
  }

  /// The numbers of a step.
  ///
  /// - Parameters:
  ///   - scalars: The names, in which a slash makes a group, and the numbers.
  ///   - step: The step.
  ///   - wallTime: The seconds since 1970.
  /// - Returns: the framed entry.
  static func scalars(
    _ scalars: [(name: String, value: Double)], step: Int, wallTime: Double
  ) -> [UInt8] {
    var summary = ProtobufMessage()
    for scalar in scalars {
      var value = ProtobufMessage()
      value.append(1, text: scalar.name)
      value.append(2, float: Float(scalar.value))
      summary.append(1, message: value)
    }
    var event = ProtobufMessage()
    event.append(1, double: wallTime)
    event.append(2, integer: Int64(step))
    event.append(5, message: summary)
    return record(event.bytes)
  }

  /// The length and its checksum, the data and theirs.
  private static func record(_ data: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(data.count))
    return length + littleEndian(CRC32C.masked(length)) + data + littleEndian(CRC32C.masked(data))
  }
}

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

/// The Castagnoli cyclic redundancy check (RFC 3720, appendix B.4), as TFRecord files use it.
enum CRC32C {
  /// The checksum of some bytes.
  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { sum, byte in
      table[Int((sum ^ UInt32(byte)) & 0xFF)] ^ (sum >> 8)
    }
  }

  /// The checksum turned and shifted, so that data which hold their own checksums do no harm.
  static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let sum = checksum(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
  }
}
