/// Turns sequences into frames and back; one value serves any number of threads.
public struct FrameCodec: Sendable {
  private enum TargetsCodec: Sendable {
    case sparse(SparseCodec, FrameReader)
    case dense(DenseCodec)
  }

  /// The most bytes that any frame may unpack to.
  static let payloadCeiling = 1 << 30

  /// The most bytes that a frame of this cache can unpack to; asked before anything is allocated.
  let maximumPayload: Int
  private let targets: TargetsCodec
  private let vocabularySize: Int
  /// The most positions of a frame.
  let sequenceLength: Int
  private let level: Int

  /// A codec for caches of these settings; throws `invalidSetting` where they do not fit.
  package init(_ capture: CaptureConfig, tables: CodingTables?) throws(ShardError) {
    try capture.validate()
    vocabularySize = capture.vocabularySize
    sequenceLength = capture.sequenceLength
    level = capture.zstdLevel
    var bytesPerRecord = 40
    if capture.codec.isSparse {
      guard let tables, tables.vocabularySize == capture.vocabularySize else {
        throw .invalidSetting(
          name: "tables", reason: "sparse codecs need coding tables of their vocabulary")
      }
      let codec = SparseCodec(capture, tables: tables)
      targets = .sparse(codec, try FrameReader(codec))
      bytesPerRecord += codec.maximumBytesPerRecord
    } else {
      let codec = DenseCodec(vocabularySize: capture.vocabularySize)
      targets = .dense(codec)
      bytesPerRecord += codec.bytesPerRecord
    }
    let bound = bytesPerRecord.multipliedReportingOverflow(by: capture.sequenceLength)
    maximumPayload =
      bound.overflow ? Self.payloadCeiling : min(bound.partialValue + 4096, Self.payloadCeiling)
  }

  /// Packs a sequence; throws `invalidSequence` where it does not fit the cache's settings.
  public func encode(_ sequence: CachedSequence) throws(ShardError) -> EncodedFrame {
    let sections = try sections(of: sequence)
    let size = sections.reduce(0) { $0 + $1.count }
    guard size <= maximumPayload else {
      throw .invalidSequence(
        reason: "it takes \(size) bytes, more than \(maximumPayload); use shorter sequences")
    }
    return EncodedFrame(
      identity: sequence.identity, recordCount: sequence.text.recordCount, payloadSize: size,
      bytes: try ZstdFrame.compress(sections, level: level))
  }

  /// The parts of a sequence's payload.
  func sections(of sequence: CachedSequence) throws(ShardError) -> [[UInt8]] {
    try sequence.text.validate(vocabularySize: vocabularySize)
    let records = sequence.text.recordCount
    guard records > 0, records <= sequenceLength,
      sequence.draws.allSatisfy({ $0.count == records })
    else {
      throw .invalidSequence(
        reason: "it has \(records) records and \(sequence.targets.count) targets,"
          + " where 1 to \(sequenceLength) are allowed")
    }
    let text = FrameText.encode(sequence.text)
    switch targets {
    case .dense(let codec): return try [text] + codec.encode(sequence)
    case .sparse(let codec, _):
      let (words, bits) = try codec.encode(sequence)
      var writer = ByteWriter()
      writer.append(contentsOf: text)
      writer.append(varying: words.count)
      writer.appendMemory(words)
      writer.append(contentsOf: bits)
      return [writer.bytes]
    }
  }

  /// Adds up what the numbers of a sequence cost; dense ones have no coder.
  func measure(_ sequence: CachedSequence, _ meter: inout CostMeter) throws(ShardError) {
    if case .sparse(let codec, _) = targets { try codec.walk(sequence, &meter) }
  }

  /// A meter for the numbers of this cache's sparse frames.
  var meter: CostMeter? {
    if case .sparse(let codec, _) = targets { CostMeter(codec.tables.symbols) } else { nil }
  }

  /// Unpacks a sequence and its targets; the identity is the index's.
  func decode(payload: [UInt8], identity: UInt64) throws(FrameProblem) -> CachedSequence {
    var reader = ByteReader(payload)
    let text = try FrameText(&reader, sequenceLength: sequenceLength)
    let (tokens, draws) = try decodeTargets(&reader, text)
    guard reader.remaining == 0 else {
      throw FrameProblem(reason: "\(reader.remaining) bytes are left over")
    }
    let found = SequenceTokens(
      identity: identity, tokens: tokens, fragments: text.fragments, lossMask: text.lossMask)
    do { try found.validate(vocabularySize: vocabularySize) } catch {
      throw FrameProblem(reason: error.description)
    }
    return CachedSequence(text: found, draws: draws)
  }

  private func decodeTargets(
    _ reader: inout ByteReader, _ text: FrameText
  ) throws(FrameProblem) -> (tokens: [Int32], draws: [Targets]) {
    switch targets {
    case .sparse(_, let rows):
      let words = try reader.memory(UInt16.self, count: try reader.varying())
      let bits = Array(try reader.take(reader.remaining))
      let found = try rows.read(words: words, bits: bits, fragments: text.fragments)
      return (found.tokens, found.draws.map { .sparse($0) })
    case .dense(let codec):
      let records = text.tokenCount - text.fragments.count
      let found = try codec.decode(&reader, tokens: text.tokenCount, records: records)
      return (found.tokens, [.dense(found.targets)])
    }
  }
}

/// A sequence as it will lie in a shard: one zstd frame.
public struct EncodedFrame: Sendable, Equatable {
  /// The sequence's identity.
  public let identity: UInt64
  /// The number of positions with targets.
  public let recordCount: Int
  /// The bytes that the frame unpacks to.
  let payloadSize: Int
  /// The zstd frame.
  public let bytes: [UInt8]
}

/// The start of every payload: the fragments' lengths and the mask: docs/format.md, "Payloads".
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
