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
