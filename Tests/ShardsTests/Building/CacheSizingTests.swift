import Foundation
import Testing

@testable import Shards

@Suite struct CacheSizingTests {
  private static let codecs: [CacheCodec] = [
    .threshold(threshold: 0.05, temperature: 1), .topk(entries: 8, temperature: 1),
    .sample(samples: 20, temperature: 1), .dense(temperature: 1),
  ]

  @Test(arguments: codecs)
  func thePredictedBytesAreThoseOfTheFiles(codec: CacheCodec) throws {
    let cache = TemporaryCache()
    let sequences = try TemporaryCache.sequences(10, codec: codec)
    let capture = TemporaryCache.capture(codec: codec)
    let manifest = try cache.write(sequences, capture: capture)
    let sizing = try CacheSizing(
      capture, tables: try TemporaryCache.tables(sequences, capture: capture))
    let frames = try sequences.map { try sizing.codec.encode($0) }
    let predicted = try sizing.fileBytes(
      frames: frames.reduce(0) { $0 + $1.bytes.count }, sequences: 10, tokens: manifest.tokens)
    let actual = try cache.contents().values.reduce(0) { $0 + $1.count }
    // Counts of a shard may have a digit more or less than their mean.
    #expect(abs(predicted - actual) <= 24, "\(predicted) for \(actual)")
    #expect(try sizing.decode(frames[3]) == sequences[3])
  }

  @Test func damagedFramesAreNotReadBack() throws {
    let sequences = try TemporaryCache.sequences(1)
    let sizing = try CacheSizing(
      TemporaryCache.capture(), tables: try TemporaryCache.tables(sequences))
    let frame = try sizing.codec.encode(sequences[0])
    let cut = EncodedFrame(
      identity: frame.identity, recordCount: frame.recordCount, payloadSize: frame.payloadSize,
      bytes: frame.bytes.dropLast())
    #expect(
      throws: ShardError.invalidSequence(
        reason: "its frame cannot be read back: it is not one whole zstd frame")
    ) { try sizing.decode(cut) }
  }
}

@Suite struct FileCopyTests {
  private let source = TemporaryCache()
  private let target = TemporaryCache()

  private func copy(_ sha256: String) throws -> CacheDirectory {
    let (from, to) = (CacheDirectory(source.url), CacheDirectory(target.url))
    try from.create()
    try to.create()
    try from.write(Array("abc".utf8), to: "a")
    try FileCopy(directory: from, source: "a", target: "b", sha256: sha256).run(into: to)
    return to
  }

  private let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  @Test func theCopyHasTheBytes() throws {
    let folder = try copy(digest)
    #expect(try folder.names() == ["b"] && folder.read("b") == Array("abc".utf8))
    // Another file in the place is replaced, the right one is left as it is.
    try folder.write([1], to: "b")
    _ = try copy(digest)
    #expect(try folder.read("b") == Array("abc".utf8))
    let before = try target.path("b").resourceValues(forKeys: [.contentModificationDateKey])
    _ = try copy(digest)
    let after = try target.path("b").resourceValues(forKeys: [.contentModificationDateKey])
    #expect(before.contentModificationDate == after.contentModificationDate)
  }

  @Test func otherBytesThanStatedLeaveNothing() throws {
    let fault = #expect(throws: ShardError.self) { _ = try copy("00") }
    #expect(
      fault
        == .corrupt(
          path: CacheDirectory(source.url).path("a"),
          reason: "its SHA-256 is not the one that the manifest states"))
    #expect(try CacheDirectory(target.url).names() == [])
  }

  @Test func aPartsFilesGetTheNamesOfTheirNewPlace() throws {
    let manifest = try source.write(try TemporaryCache.sequences(4))
    let files = FileCopy.all(of: manifest.parts[0], 0, in: CacheDirectory(source.url))
    #expect(files.map(\.source) == ["tables-000.zst", "shard-00000.kd.zst", "shard-00001.kd.zst"])
    let renamed = files.renamed(as: manifest.parts[0].renumbered(from: 5), 2)
    #expect(renamed.map(\.source) == files.map(\.source))
    #expect(
      renamed.map(\.target) == ["tables-002.zst", "shard-00005.kd.zst", "shard-00006.kd.zst"])
  }
}
