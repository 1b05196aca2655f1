import Foundation
import Testing

@testable import Shards

@Suite struct SequenceSpoolTests {
  private let spooled = TemporaryCache()
  private let direct = TemporaryCache()
  private let folder = TemporaryCache()
  private var path: String { folder.path("spool").path }

  private func open(_ codec: CacheCodec = .threshold(threshold: 0.05, temperature: 1)) throws
    -> SequenceSpool
  {
    try CacheDirectory(folder.url).create()
    return try SequenceSpool(
      path: path, capture: TemporaryCache.capture(codec: codec), kinds: nil)
  }

  private func add(_ sequences: some Sequence<CachedSequence>, to spool: SequenceSpool) throws {
    try spool.append(try sequences.map { try spool.codec.encode($0) })
  }

  /// Tables on all sequences, since there are few: the cache that a writer makes who has them.
  private func writeDirectly(_ sequences: [CachedSequence]) throws -> CacheManifest {
    var digest = DataDigest()
    for sequence in sequences { digest.append(sequence.text) }
    var capture = TemporaryCache.capture()
    capture.dataFingerprint = digest.hexadecimal
    let tables = try CodingTables(
      calibrating: sequences, records: sequences.reduce(0) { $0 + $1.text.recordCount },
      text: sequences.flatMap(\.tokens), capture: capture)
    var writer = try CacheWriter(directory: direct.url, capture: capture, tables: tables)
    for sequence in sequences { try writer.append(sequence) }
    return try writer.finish()
  }

  @Test(arguments: [1, 3])
  func theCacheIsThatOfADirectWriter(threads: Int) throws {
    let sequences = try TemporaryCache.sequences(7)
    let spool = try open()
    try add(sequences, to: spool)
    try spool.synchronize()
    let capture = TemporaryCache.capture()
    let manifest = try spool.writeCache(to: spooled.url, capture: capture, threads: threads)
    #expect(try manifest == writeDirectly(sequences))
    #expect(try spooled.contents() == direct.contents())
    let again = try spool.writeCache(to: spooled.url, capture: capture, threads: threads)
    #expect(again == manifest)
  }

  @Test func wholeDistributionsWaitToo() throws {
    let codec = CacheCodec.dense(temperature: 2)
    let sequences = try TemporaryCache.sequences(2, codec: codec)
    let spool = try open(codec)
    try add(sequences, to: spool)
    _ = try spool.writeCache(
      to: spooled.url, capture: TemporaryCache.capture(codec: codec), threads: 2)
    let reader = try CacheReader(directory: spooled.url)
    #expect(try (0..<reader.count).map { try reader.sequence(at: $0) } == sequences)
  }

  /// What came after a checkpoint is dropped, whatever it was.
  @Test func aSpoolGoesOnFromACheckpoint() throws {
    let sequences = try TemporaryCache.sequences(6)
    let place: SequenceSpool.Position
    do {
      let spool = try open()
      try add(sequences.prefix(3), to: spool)
      place = spool.position
      try add(sequences.suffix(2), to: spool)
    }
    let spool = try open()
    try spool.continue(from: place)
    #expect(spool.position == place && place.sequences == 3)
    try add(sequences.suffix(3), to: spool)
    let found = try spool.writeCache(
      to: spooled.url, capture: TemporaryCache.capture(), threads: 2)
    #expect(try found == writeDirectly(sequences))
  }

  @Test func bytesThatAreNotTheCheckpointsAreNoticed() throws {
    let place: SequenceSpool.Position
    do {
      let spool = try open()
      try add(try TemporaryCache.sequences(2), to: spool)
      place = spool.position
      #expect(throws: ShardError.locked(path: path)) { _ = try open() }
    }
    var bytes = try Data(contentsOf: URL(filePath: path))
    #expect(bytes.count == place.bytes)
    bytes[30] ^= 1
    try bytes.write(to: URL(filePath: path))
    #expect(
      throws: ShardError.damagedSpool(
        path: path, reason: "its bytes are not those that the checkpoint counts (SHA-256)")
    ) { try open().continue(from: place) }
    try bytes.prefix(40).write(to: URL(filePath: path))
    #expect(
      throws: ShardError.damagedSpool(
        path: path, reason: "it has 40 of the \(place.bytes) bytes that the checkpoint counts")
    ) { try open().continue(from: place) }
  }

  @Test func nothingMakesNoCache() throws {
    let spool = try open()
    #expect(spool.position == .start)
    #expect(throws: ShardError.self) {
      try spool.writeCache(to: spooled.url, capture: TemporaryCache.capture(), threads: 1)
    }
  }
}
