/// Turns sequences into frames and back; one value serves any number of threads.
public struct FrameCodec: Sendable {
  private enum TargetsCodec: Sendable {
    case threshold(ThresholdCodec)
    case planes(PlanesCodec)
    case dense(DenseCodec)
  }

  /// The most bytes that any frame may unpack to.
  static let payloadCeiling = 1 << 30

  /// The most bytes that a frame of this cache can unpack to; asked before anything is allocated.
  let maximumPayload: Int
  private let targets: TargetsCodec
  private let tables: CodingTables?
  private let vocabularySize: Int
  private let sequenceLength: Int
  private let level: Int

  /// A codec for caches of these settings; throws `invalidSetting` where they do not fit.
  public init(_ capture: CaptureConfig, tables: CodingTables?) throws(ShardError) {
    try capture.validate()
    vocabularySize = capture.vocabularySize
    sequenceLength = capture.sequenceLength
    level = capture.zstdLevel
    self.tables = tables
    var bytesPerRecord = 40
    switch capture.codec {
    case .threshold(let threshold, _):
      guard let tables, tables.ranks.vocabularySize == capture.vocabularySize else {
        throw .invalidSetting(
          name: "tables", reason: "sparse codecs need coding tables of their vocabulary")
      }
      let codec = ThresholdCodec(threshold: threshold, ranks: tables.ranks)
      targets = .threshold(codec)
      bytesPerRecord += codec.maximumBytesPerRecord
    case .topk, .sample:
      let codec = PlanesCodec(capture.codec, vocabularySize: vocabularySize)
      targets = .planes(codec)
      bytesPerRecord += codec.maximumBytesPerRecord
    case .dense:
      let codec = DenseCodec(vocabularySize: capture.vocabularySize)
      targets = .dense(codec)
      bytesPerRecord += codec.bytesPerRecord
    }
    let bound = bytesPerRecord.multipliedReportingOverflow(by: capture.sequenceLength)
    maximumPayload =
      bound.overflow ? Self.payloadCeiling : min(bound.partialValue + 4096, Self.payloadCeiling)
  }

  /// What the index of a shard of this cache may say.
  var limits: ShardIndex.Limits {
    ShardIndex.Limits(payloadSize: maximumPayload, recordCount: sequenceLength)
  }

  /// Packs a sequence; throws `invalidSequence` where it does not fit the cache's settings.
  public func encode(_ sequence: CachedSequence) throws(ShardError) -> EncodedFrame {
    let sections = try sections(of: sequence)
    let size = sections.reduce(0) { $0 + $1.bytes.count }
    guard size <= maximumPayload else {
      throw .invalidSequence(
        reason: "it takes \(size) bytes, more than \(maximumPayload); use shorter sequences")
    }
    let bytes = try ZstdFrame.compress(sections.map(\.bytes), level: level)
    return EncodedFrame(
      identity: sequence.identity, recordCount: sequence.text.recordCount, payloadSize: size,
      bytes: bytes)
  }

  /// The planes of a sequence's frame, before compression.
  func sections(of sequence: CachedSequence) throws(ShardError) -> [FrameSection] {
    try sequence.text.validate(vocabularySize: vocabularySize)
    let records = sequence.text.recordCount
    guard records > 0, records <= sequenceLength, records == sequence.targets.count else {
      throw .invalidSequence(
        reason: "it has \(records) records and \(sequence.targets.count) targets,"
          + " where 1 to \(sequenceLength) are allowed")
    }
    let text = FrameText.sections(of: sequence.text, ranks: tables?.ranks)
    switch (targets, sequence.targets) {
    case (.threshold(let codec), .sparse(let rows)): return try text + codec.sections(of: rows)
    case (.planes(let codec), .sparse(let rows)): return try text + codec.sections(of: rows)
    case (.dense(let codec), .dense(let rows)): return try text + codec.sections(of: rows)
    default: throw .invalidSequence(reason: "its targets are not of this cache's codec")
    }
  }

  /// Unpacks the tokens alone.
  func decodeText(payload: [UInt8]) throws(FrameProblem) -> SequenceTokens {
    var reader = ByteReader(payload)
    return try text(&reader)
  }

  /// Unpacks a sequence and its targets.
  func decode(payload: [UInt8]) throws(FrameProblem) -> CachedSequence {
    var reader = ByteReader(payload)
    let text = try text(&reader)
    let rows = try decodeTargets(&reader, records: text.recordCount)
    guard reader.remaining == 0 else {
      throw FrameProblem(reason: "\(reader.remaining) bytes are left over")
    }
    return CachedSequence(text: text, targets: rows)
  }

  private func text(_ reader: inout ByteReader) throws(FrameProblem) -> SequenceTokens {
    let text = try FrameText.decode(&reader, ranks: tables?.ranks, vocabularySize: vocabularySize)
    guard text.recordCount <= sequenceLength else {
      throw FrameProblem(reason: "\(text.recordCount) records exceed \(sequenceLength)")
    }
    return text
  }

  private func decodeTargets(
    _ reader: inout ByteReader, records: Int
  ) throws(FrameProblem) -> Targets {
    switch targets {
    case .threshold(let codec): .sparse(try codec.decode(&reader, records: records))
    case .planes(let codec): .sparse(try codec.decode(&reader, records: records))
    case .dense(let codec): .dense(try codec.decode(&reader, records: records))
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
  public let payloadSize: Int
  /// The zstd frame.
  public let bytes: [UInt8]
}
