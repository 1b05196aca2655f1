/// One plane of a frame's payload: numbers of one kind, compressed with a table of their own.
struct FrameSection {
  /// The plane's name in statistics and on the format page.
  let name: String
  let bytes: [UInt8]

  init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// The two sections of a plane of integers.
  static func integers(_ name: String, _ values: [UInt32]) -> [FrameSection] {
    let (symbols, bits) = IntegerCode.encode(values)
    return [FrameSection(name, symbols), FrameSection(name, bits)]
  }
}

/// The start of every frame: who the sequence is, its tokens, fragments and mask.
///
/// Tokens are coded as frequency ranks where the cache has them, and as themselves otherwise.
struct FrameText {
  static func sections(of text: SequenceTokens, ranks: FrequencyRanks?) -> [FrameSection] {
    var header = ByteWriter()
    header.append(text.identity)
    header.append(UInt32(text.tokens.count))
    header.append(UInt32(text.fragments.count))
    header.append(UInt32(text.lossMask == nil ? 0 : 1))
    let tokens = text.tokens.map { UInt32(ranks?.ranks[Int($0)] ?? $0) }
    var mask = BitWriter()
    for counts in text.lossMask ?? [] { mask.append(counts ? 1 : 0, count: 1) }
    return [FrameSection("header", header.bytes)]
      + FrameSection.integers("tokens", tokens)
      + FrameSection.integers("fragments", text.fragments.map { UInt32($0) })
      + [FrameSection("loss_mask", mask.finish())]
  }

  static func decode(
    _ reader: inout ByteReader, ranks: FrequencyRanks?, vocabularySize: Int
  ) throws(FrameProblem) -> SequenceTokens {
    let identity = try reader.integer(UInt64.self)
    let tokenCount = Int(try reader.integer(UInt32.self))
    let fragmentCount = Int(try reader.integer(UInt32.self))
    let flags = try reader.integer(UInt32.self)
    let coded = try IntegerCode.decode(&reader, count: tokenCount)
    guard flags <= 1, fragmentCount <= tokenCount, coded.allSatisfy({ $0 < vocabularySize }) else {
      throw FrameProblem(reason: "its header or tokens are out of range")
    }
    let tokens = coded.map { ranks?.ids[Int($0)] ?? Int32($0) }
    let fragments = try IntegerCode.decode(&reader, count: fragmentCount).map { Int($0) }
    let mask = flags == 0 ? nil : try decodeMask(&reader, count: tokenCount - fragmentCount)
    let text = SequenceTokens(
      identity: identity, tokens: tokens, fragments: fragments, lossMask: mask)
    do { try text.validate(vocabularySize: vocabularySize) } catch {
      throw FrameProblem(reason: error.description)
    }
    return text
  }

  private static func decodeMask(
    _ reader: inout ByteReader, count: Int
  ) throws(FrameProblem) -> [Bool] {
    var bits = BitReader(try reader.take((count + 7) / 8))
    return (0..<count).map { _ in bits.take(1) == 1 }
  }
}
