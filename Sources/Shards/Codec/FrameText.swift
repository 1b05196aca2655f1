/// The start of every payload: the fragments' lengths and the mask: docs/format.md, "Payloads".
///
/// Numbers are of variable length: seven bits a byte, the lowest first, the high bit set on all
/// bytes but the last.
struct FrameText {
  /// The token count of each document fragment.
  let fragments: [Int]
  /// Per record, whether it counts in the loss; nil when all do.
  let lossMask: [Bool]?

  /// The number of tokens.
  var tokenCount: Int { fragments.reduce(0, +) }

  /// The bytes of a sequence's start.
  static func encode(_ text: SequenceTokens) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(varying: text.fragments.count << 1 | (text.lossMask == nil ? 0 : 1))
    for fragment in text.fragments { writer.append(varying: fragment) }
    var mask = BitWriter()
    for counts in text.lossMask ?? [] { mask.append(counts ? 1 : 0, count: 1) }
    writer.append(contentsOf: mask.finish())
    return writer.bytes
  }

  /// Reads a start; `sequenceLength` bounds the records.
  init(_ reader: inout ByteReader, sequenceLength: Int) throws(FrameProblem) {
    let head = try reader.varying()
    let count = head >> 1
    guard count > 0, count <= sequenceLength, count <= reader.remaining else {
      throw FrameProblem(reason: "it has \(count) fragments")
    }
    var (fragments, records) = ([Int](), 0)
    for _ in 0..<count {
      let fragment = try reader.varying()
      records += fragment - 1
      guard fragment >= 2, records <= sequenceLength else {
        throw FrameProblem(reason: "its fragments exceed \(sequenceLength) records")
      }
      fragments.append(fragment)
    }
    self.fragments = fragments
    lossMask = head & 1 == 0 ? nil : try Self.mask(&reader, count: records)
  }

  private static func mask(
    _ reader: inout ByteReader, count: Int
  ) throws(FrameProblem) -> [Bool] {
    var bits = BitReader(try reader.take((count + 7) / 8))
    return (0..<count).map { _ in bits.take(1) == 1 }
  }
}

extension ByteWriter {
  /// Appends a number of variable length.
  mutating func append(varying value: Int) {
    var rest = value
    while rest >= 128 {
      append(UInt8(rest & 127 | 128))
      rest >>= 7
    }
    append(UInt8(rest))
  }
}

extension ByteReader {
  /// Reads a number of variable length, of at most 35 bits.
  mutating func varying() throws(FrameProblem) -> Int {
    var value = 0
    for shift in stride(from: 0, to: 35, by: 7) {
      let byte = Int(try integer(UInt8.self))
      value |= (byte & 127) << shift
      if byte < 128 { return value }
    }
    throw FrameProblem(reason: "a number is too long")
  }
}
