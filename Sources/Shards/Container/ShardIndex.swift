import Base

/// The end of a shard file: where its frames lie, and who made them; see docs/format.md, "Shards".
struct ShardIndex: Equatable {
  /// One frame of a shard.
  struct Entry: Equatable {
    /// The offset of the frame in the file.
    var offset: Int
    /// The frame's bytes in the file.
    var storedSize: Int
    /// The bytes that it unpacks to.
    var payloadSize: Int
    /// The positions with targets.
    var recordCount: Int
    /// The sequence's identity.
    var identity: UInt64
    /// The first 16 bytes of the SHA-256 of the stored bytes.
    var hash: [UInt8]
  }

  /// The frames in file order; they tile the file up to the index.
  var entries: [Entry] = []
  /// The fingerprint of the capture that the shard was made under (`CaptureFingerprint`).
  var capture: UInt64
  /// The number of the shard's first sequence within its part.
  var firstSequence: Int

  /// The version of the index.
  static let version: UInt32 = 1
  /// The bytes of an entry.
  static let entrySize = 36
  /// The bytes after the entries.
  static let footerSize = 48
  /// zstd's skippable frames begin with 0x184D2A50 … 0x184D2A5F.
  static let skippableMagic: UInt32 = 0x184D_2A5C
  /// The letters that end a shard.
  static let magic = Array("KDSHARD1".utf8)

  /// The bytes of an index of `count` entries, with the skippable frame's header and the footer.
  static func size(count: Int) -> Int { 8 + entrySize * count + footerSize }

  /// The first 16 bytes of a SHA-256.
  static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    Array(Digest(of: Array(bytes)).bytes.prefix(16))
  }

  /// The skippable frame that ends the file.
  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.append(Self.skippableMagic)
    writer.append(UInt32(Self.size(count: entries.count) - 8))
    for entry in entries {
      writer.append(UInt32(entry.storedSize))
      writer.append(UInt32(entry.payloadSize))
      writer.append(UInt32(entry.recordCount))
      writer.append(entry.identity)
      writer.append(contentsOf: entry.hash)
    }
    writer.append(capture)
    writer.append(UInt64(firstSequence))
    writer.append(UInt32(entries.count))
    writer.append(Self.version)
    writer.append(contentsOf: Self.hash(writer.bytes))
    writer.append(contentsOf: Self.magic)
    return writer.bytes
  }

  /// The bytes of the index of a file, told by its last `footerSize` bytes.
  static func size(footer: [UInt8], fileSize: Int) throws(FrameProblem) -> Int {
    var reader = ByteReader(footer, from: 16)
    let count = Int(try reader.integer(UInt32.self))
    let version = try reader.integer(UInt32.self)
    _ = try reader.take(16)
    guard Array(try reader.take(8)) == magic else {
      throw FrameProblem(reason: "it does not end as a shard does (truncated or foreign)")
    }
    guard version == Self.version else {
      throw FrameProblem(reason: "its index has version \(version), this reader knows 1")
    }
    let size = size(count: count)
    guard size <= fileSize else {
      throw FrameProblem(reason: "its index of \(count) frames does not fit into the file")
    }
    return size
  }

  /// Reads the whole index, from the skippable frame's header to the end of the file.
  init(_ bytes: [UInt8], fileSize: Int, limits: Limits) throws(FrameProblem) {
    let count = (bytes.count - Self.size(count: 0)) / Self.entrySize
    guard Self.hash(bytes.dropLast(24)) == Array(bytes.suffix(24).prefix(16)) else {
      throw FrameProblem(reason: "its index does not have the hash that it states")
    }
    var reader = ByteReader(bytes)
    let (magic, length) = (try reader.integer(UInt32.self), try reader.integer(UInt32.self))
    guard magic == Self.skippableMagic, Int(length) == bytes.count - 8 else {
      throw FrameProblem(reason: "its index is not a skippable zstd frame of its length")
    }
    var offset = 0
    for _ in 0..<count {
      let entry = try Entry(&reader, offset: offset)
      guard limits.allow(entry) else {
        throw FrameProblem(reason: "frame \(entries.count) is larger than this cache allows")
      }
      offset += entry.storedSize
      entries.append(entry)
    }
    capture = try reader.integer(UInt64.self)
    guard let first = Int(exactly: try reader.integer(UInt64.self)) else {
      throw FrameProblem(reason: "its first sequence has no number")
    }
    firstSequence = first
    guard offset == fileSize - bytes.count else {
      throw FrameProblem(reason: "its frames take \(offset) bytes, not what precedes the index")
    }
  }

  /// An index without frames yet.
  init(capture: UInt64, firstSequence: Int) {
    self.capture = capture
    self.firstSequence = firstSequence
  }

  /// The bounds of a frame.
  struct Limits: Sendable {
    let payloadSize: Int
    let recordCount: Int

    func allow(_ entry: Entry) -> Bool {
      entry.payloadSize <= payloadSize && entry.recordCount <= recordCount
        && entry.recordCount > 0
    }
  }
}

extension ShardIndex.Entry {
  fileprivate init(_ reader: inout ByteReader, offset: Int) throws(FrameProblem) {
    self.offset = offset
    storedSize = Int(try reader.integer(UInt32.self))
    payloadSize = Int(try reader.integer(UInt32.self))
    recordCount = Int(try reader.integer(UInt32.self))
    identity = try reader.integer(UInt64.self)
    hash = Array(try reader.take(16))
  }

  /// The entry of a frame that begins at an offset.
  init(_ frame: EncodedFrame, offset: Int) {
    self.offset = offset
    storedSize = frame.bytes.count
    payloadSize = frame.payloadSize
    recordCount = frame.recordCount
    identity = frame.identity
    hash = ShardIndex.hash(frame.bytes)
  }
}

extension FrameCodec {
  /// The bounds of what the index of a shard of this cache may say.
  var limits: ShardIndex.Limits {
    ShardIndex.Limits(payloadSize: maximumPayload, recordCount: sequenceLength)
  }
}

extension ShardIndex {
  /// Checks that a frame holds the sequence that the index describes, with the tokens that gave it
  /// its identity as the sequence of this number in its part.
  func check(_ text: SequenceTokens, frame: Int) throws(FrameProblem) {
    let entry = entries[frame]
    guard text.identity == entry.identity, text.recordCount == entry.recordCount else {
      throw FrameProblem(reason: "the index describes another sequence")
    }
    let ordinal = firstSequence + frame
    let own = SequenceTokens.identity(
      ordinal: ordinal, tokens: text.tokens, fragments: text.fragments)
    guard text.identity == own else {
      throw FrameProblem(
        reason: "its identity is not that of its tokens as sequence \(ordinal) of its part")
    }
  }

  /// The records of all frames.
  var recordCount: Int { entries.reduce(0) { $0 + $1.recordCount } }

  /// The entry of a manifest for the file with this index.
  func shard(_ file: String, bytes: Int, sha256: String) -> CacheManifest.Shard {
    CacheManifest.Shard(
      file: file, sequences: entries.count, tokens: recordCount, bytes: bytes, sha256: sha256)
  }
}
