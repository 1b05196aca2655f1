import Base
package import Foundation

/// Sequences with targets that wait in a file until what their cache states of itself is known.
///
/// A teacher that is still being trained has no fingerprint yet, and what it says at first would
/// make poor coding tables: the sequences are set aside in a simple form, and at the end they
/// become a cache whose tables are calibrated on sequences spread over all of them, as any cache's
/// are. The file is a run of records: stored size, payload size and records as u32, the identity as
/// u64, then a frame under tables without any symbols.
package final class SequenceSpool {
  /// A place in a spool where a sequence begins.
  package struct Position: Sendable, Equatable, Codable {
    /// The bytes before it.
    package var bytes: Int
    /// The sequences before it.
    package var sequences: Int
    /// The SHA-256 of these bytes, in hexadecimal.
    package var sha256: String

    /// The place before the first sequence.
    package static let start = Position(
      bytes: 0, sequences: 0, sha256: Digest().hexadecimal)
  }

  /// Packs sequences for the spool; copies of it may work on other threads.
  package let codec: FrameCodec
  /// The place of the next sequence.
  package private(set) var position = Position.start
  private let file: OpenFile
  private let kinds: [UInt8]?
  private var digest = Digest()

  /// The bytes before the frame of a record.
  static let headerSize = 20

  /// Opens a spool, or begins one; what it holds counts only after `continue(from:)`.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - capture: the settings of the cache to come, as far as they are known.
  ///   - kinds: per id, what kind of token it is (V); nil for one kind.
  /// - Throws: `locked` if another process has it, `invalidSetting` for settings without a cache.
  package init(path: String, capture: CaptureConfig, kinds: [UInt8]?) throws(ShardError) {
    let tables = try Self.plainTables(capture, kinds)
    codec = try FrameCodec(capture, tables: tables)
    guard let file = try OpenFile.claim(path) else { throw .locked(path: path) }
    self.file = file
    self.kinds = kinds
  }

  private static func plainTables(
    _ capture: CaptureConfig, _ kinds: [UInt8]?
  ) throws(ShardError) -> CodingTables? {
    guard capture.codec.isSparse else { return nil }
    return try CodingTables(calibrating: [], kinds: kinds, capture: capture)
  }

  /// Drops what follows a place, which must be one that the spool has reached before.
  ///
  /// - Throws: `damagedSpool` where the file has not so much.
  package func `continue`(from place: Position) throws(ShardError) {
    guard try file.size() >= place.bytes else {
      throw .damagedSpool(
        path: file.path,
        reason: "it has \(try file.size()) of the \(place.bytes) bytes that the checkpoint counts")
    }
    try resume(place)
    try file.truncate(to: place.bytes)
    position = place
  }

  /// Goes on with the digest of the bytes before a place, which must be those that were added.
  private func resume(_ place: Position) throws(ShardError) {
    digest = Digest()
    var offset = 0
    while offset < place.bytes {
      let bytes = try file.read(at: offset, count: min(1 << 20, place.bytes - offset))
      digest.append(bytes)
      offset += bytes.count
    }
    guard digest.hexadecimal == place.sha256 else {
      throw .damagedSpool(
        path: file.path, reason: "its bytes are not those that the checkpoint counts (SHA-256)")
    }
  }

  /// Adds the frames of the sequences that come next.
  package func append(_ frames: [EncodedFrame]) throws(ShardError) {
    for frame in frames {
      var header = ByteWriter()
      header.append(UInt32(frame.bytes.count))
      header.append(UInt32(frame.payloadSize))
      header.append(UInt32(frame.recordCount))
      header.append(frame.identity)
      let record = header.bytes + frame.bytes
      try file.write(record)
      digest.append(record)
      position.bytes += Self.headerSize + frame.bytes.count
      position.sequences += 1
    }
    position.sha256 = digest.hexadecimal
  }

  /// Waits until all that was added is on the disk.
  package func synchronize() throws(ShardError) { try file.synchronize() }

  /// Writes the cache of all sequences; begun again after a kill, it goes on to the same bytes.
  ///
  /// - Parameters:
  ///   - url: the folder of the cache.
  ///   - capture: the settings; the data's fingerprint and the tables' are filled in.
  ///   - threads: how many frames are worked on at once.
  /// - Returns: the manifest.
  /// - Throws: `invalidSequence` where there is none, `damagedSpool` where it is not whole, and
  ///   what `CacheWriter` throws.
  package func writeCache(
    to url: URL, capture: CaptureConfig, threads: Int
  ) throws(ShardError) -> CacheManifest {
    let contents = try SpoolContents(file.path, codec: codec, end: position, threads: threads)
    var capture = capture
    capture.dataFingerprint = contents.digest
    let tables = try contents.tables(capture, kinds: kinds)
    var writer = try CacheWriter(directory: url, capture: capture, tables: tables)
    if let finished = writer.finished { return finished }
    let target = writer.codec
    for batch in contents.batches(from: writer.nextSequence, of: 8 * threads) {
      let sequences = try contents.sequences(batch, threads: threads)
      let frames = Parallel.map(sequences.count, threads: threads) { index in
        Result { () throws(ShardError) in try target.encode(sequences[index]) }
      }
      for frame in frames { try writer.append(try frame.get()) }
    }
    return try writer.finish()
  }
}

/// The contents of a spool: where each sequence is, and what a cache of them needs to know first.
struct SpoolContents {
  /// A sequence's frame in the file.
  private struct Entry {
    let offset, stored, payload, records: Int
    let identity: UInt64
  }

  /// The SHA-256 of the texts in order, as a part's `data_fingerprint` has it.
  private(set) var digest = ""
  /// The first tokens, as many as tables count.
  private var tokens: [Int32] = []
  private var entries: [Entry] = []
  private let path: String
  private let codec: FrameCodec

  /// Reads a spool up to a place, and checks every frame of it.
  init(
    _ path: String, codec: FrameCodec, end: SequenceSpool.Position, threads: Int
  ) throws(ShardError) {
    self.path = path
    self.codec = codec
    try findEntries(end)
    var digest = DataDigest()
    for batch in batches(from: 0, of: 64 * threads) {
      for sequence in try sequences(batch, threads: threads) {
        digest.append(sequence.text)
        guard tokens.count < CodingTables.countedTokens else { continue }
        tokens += sequence.tokens
      }
    }
    self.digest = digest.hexadecimal
  }

  private mutating func findEntries(_ end: SequenceSpool.Position) throws(ShardError) {
    let file = try OpenFile(reading: path)
    var offset = 0
    while offset < end.bytes {
      var header = ByteReader(try file.read(at: offset, count: SequenceSpool.headerSize))
      guard let stored = try? header.integer(UInt32.self),
        let payload = try? header.integer(UInt32.self),
        let records = try? header.integer(UInt32.self),
        let identity = try? header.integer(UInt64.self), payload <= codec.maximumPayload,
        offset + SequenceSpool.headerSize + Int(stored) <= end.bytes
      else { throw damage("a record of it has an impossible size") }
      entries.append(
        Entry(
          offset: offset + SequenceSpool.headerSize, stored: Int(stored), payload: Int(payload),
          records: Int(records), identity: identity))
      offset += SequenceSpool.headerSize + Int(stored)
    }
    guard entries.count == end.sequences else { throw damage("it has other counts than its run") }
  }

  /// The numbers of the sequences from one on, in runs.
  func batches(from first: Int, of size: Int) -> [Range<Int>] {
    stride(from: first, to: entries.count, by: size).map { $0..<min(entries.count, $0 + size) }
  }

  /// Some sequences with their targets.
  func sequences(
    _ numbers: some RandomAccessCollection<Int>, threads: Int
  ) throws(ShardError) -> [CachedSequence] {
    let file = try OpenFile(reading: path)
    var frames: [(entry: Entry, bytes: [UInt8])] = []
    for number in numbers {
      let entry = entries[number]
      frames.append((entry, try file.read(at: entry.offset, count: entry.stored)))
    }
    let (codec, found) = (codec, frames)
    let decoded = Parallel.map(found.count, threads: threads) { index -> CachedSequence? in
      let (entry, bytes) = found[index]
      guard let payload = try? ZstdFrame.decompress(bytes, size: entry.payload) else { return nil }
      return try? codec.decode(payload: payload, identity: entry.identity)
    }
    let whole = decoded.compactMap { $0 }
    guard whole.count == decoded.count else {
      throw damage("a frame of it is not what was written")
    }
    return whole
  }

  /// The coding tables, calibrated on sequences spread over all; nil where the codec has none.
  func tables(_ capture: CaptureConfig, kinds: [UInt8]?) throws(ShardError) -> CodingTables? {
    guard capture.codec.isSparse else { return nil }
    let chosen = CodingTables.calibrationSequences(recordCounts: entries.map(\.records))
    return try CodingTables(
      calibrating: try sequences(chosen, threads: 1),
      records: entries.reduce(0) { $0 + $1.records }, text: tokens, kinds: kinds, capture: capture)
  }

  private func damage(_ reason: String) -> ShardError {
    .damagedSpool(path: path, reason: reason)
  }
}
