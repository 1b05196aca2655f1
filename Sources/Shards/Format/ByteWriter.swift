/// Bytes under construction; every number is little-endian.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  /// Appends a number.
  mutating func append<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Appends bytes.
  mutating func append(contentsOf more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

  /// Appends an array as it lies in memory; the machines that Swift runs on are little-endian.
  mutating func appendMemory<T: BitwiseCopyable>(_ values: [T]) {
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}
