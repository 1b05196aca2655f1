import Foundation
import Testing

@testable import Shards

@Suite struct ShardWriterTests {
  private let cache = TemporaryCache()
  private let limits = ShardIndex.Limits(payloadSize: 1 << 20, recordCount: 64)
  private var directory: CacheDirectory { CacheDirectory(cache.url) }
  private var path: String { directory.path("s") }

  private func claim() throws -> ShardWriter? {
    try directory.create()
    return try ShardWriter.claim(
      directory, name: "s", capture: CaptureFingerprint(number: 5), firstSequence: 3)
  }

  /// Whether the shard can be claimed; the claim is given back.
  private func isFree() throws -> Bool {
    guard let writer = try claim() else { return false }
    writer.discard()
    return true
  }

  private func frame(_ payload: [UInt8], identity: UInt64) throws -> EncodedFrame {
    EncodedFrame(
      identity: identity, recordCount: 4, payloadSize: payload.count,
      bytes: try ZstdFrame.compress([payload], level: 1))
  }

  private func write(expecting sha256: String? = nil) throws -> CacheManifest.Shard {
    guard var writer = try claim() else { throw ShardError.locked(path: path) }
    try writer.append(frame([1, 2, 3], identity: 8))
    try writer.append(frame([], identity: 9))
    let count = writer.count
    #expect(count == 2)
    return try writer.finish(expecting: sha256)
  }

  @Test func theFileIsWhatTheManifestSays() throws {
    let shard = try write()
    #expect(shard.file == "s" && shard.sequences == 2 && shard.tokens == 8)
    let bytes = try Data(contentsOf: URL(filePath: path))
    #expect(shard.bytes == bytes.count)
    #expect(try ShardFile.digest(path) == (shard.bytes, shard.sha256))
    let file = try ShardFile(path, limits: limits)
    #expect(file.index.capture == 5 && file.index.firstSequence == 3)
    #expect(file.index.entries.map(\.identity) == [8, 9])
    #expect(try file.payload(of: 0) == [1, 2, 3] && file.payload(of: 1) == [])
    #expect(try file.digestOfWholeFrames() == (shard.bytes, shard.sha256))
    #expect(try write(expecting: shard.sha256) == shard)
  }

  @Test func otherBytesThanExpectedLeaveNothing() throws {
    #expect(throws: ShardError.otherBytes(path: path)) { try write(expecting: "00") }
    #expect(try directory.names() == [])
  }

  @Test func aClaimKeepsOthersOut() throws {
    guard var writer = try claim() else { throw ShardError.locked(path: path) }
    try writer.append(frame([1], identity: 1))
    #expect(try !isFree())
    writer.discard()
    #expect(try directory.names() == [])
    #expect(try isFree())
  }

  @Test func leftoversAreWrittenOver() throws {
    try directory.create()
    let fresh = try write()
    try Data(repeating: 7, count: 5000).write(to: URL(filePath: path + ".tmp"))
    #expect(try write() == fresh)
  }

  @Test func damagedFramesAreNamed() throws {
    _ = try write()
    var bytes = try Data(contentsOf: URL(filePath: path))
    let file = try ShardFile(path, limits: limits)
    bytes[file.index.entries[1].offset] ^= 1
    try bytes.write(to: URL(filePath: path))
    let fault = ShardError.corrupt(
      path: path,
      reason: "frame 1: its bytes do not have the hash that the index states")
    #expect(try file.payload(of: 0) == [1, 2, 3])
    #expect(throws: fault) { try file.payload(of: 1) }
    #expect(throws: fault) { try file.digestOfWholeFrames() }
    try Data(bytes.prefix(20)).write(to: URL(filePath: path))
    #expect(
      throws: ShardError.corrupt(path: path, reason: "20 bytes are no shard (truncated)")
    ) { _ = try ShardFile(path, limits: limits) }
  }
}
