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
