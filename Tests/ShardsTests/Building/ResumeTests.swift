import Foundation
import Testing

@testable import Shards

struct ResumeTests {
  @Test(arguments: 0...8)
  func stoppingAnywhereGivesTheSameBytes(stop: Int) throws {
    let sequences = try TemporaryCache.sequences(8)
    let (whole, broken) = (TemporaryCache(), TemporaryCache())
    try whole.write(sequences)
    do {
      var writer = try broken.writer(sequences)
      for sequence in sequences.prefix(stop) { try writer.append(sequence) }
    }
    #expect(throws: ShardError.unfinished(path: CacheDirectory(broken.url).path)) {
      try CacheReader(directory: broken.url)
    }
    do {
      let writer = try broken.writer(sequences)
      #expect(writer.nextSequence == stop / 3 * 3)
    }
    try broken.write(sequences)
    #expect(try broken.contents() == whole.contents())
  }

  /// The states that a kill leaves between the last steps of `finish`.
  @Test(arguments: ["manifest.json", "SHA256SUMS", "shard-00002.kd.zst", "shard-00001.kd.zst"])
  func filesMissingAtTheEndAreMadeAgain(missing: String) throws {
    let sequences = try TemporaryCache.sequences(8)
    let cache = TemporaryCache()
    // Make a capture file, as it was before the end.
    do { _ = try cache.writer(sequences) }
    let capture = try Data(contentsOf: cache.path("capture.json"))
    try cache.write(sequences)
    let expected = try cache.contents()
    try capture.write(to: cache.path("capture.json"))
    let order = ["manifest.json", "SHA256SUMS", "shard-00002.kd.zst", "shard-00001.kd.zst"]
    for name in order[...(order.firstIndex(of: missing) ?? 0)] {
      try FileManager.default.removeItem(at: cache.path(name))
      try Data("half".utf8).write(to: cache.path(name + ".tmp"))
    }
    try cache.write(sequences)
    #expect(try cache.contents() == expected)
  }

  @Test func aFinishedCacheIsLeftAlone() throws {
    let sequences = try TemporaryCache.sequences(4)
    let cache = TemporaryCache()
    let manifest = try cache.write(sequences)
    let before = try cache.contents()
    let writer = try cache.writer(sequences)
    #expect(writer.finished == manifest && writer.nextSequence == 4)
    #expect(try writer.finish() == manifest)
    #expect(try cache.contents() == before)
  }

  @Test func aDamagedShardIsMadeAgain() throws {
    let sequences = try TemporaryCache.sequences(8)
    let (whole, broken) = (TemporaryCache(), TemporaryCache())
    try whole.write(sequences)
    do {
      var writer = try broken.writer(sequences)
      for sequence in sequences { try writer.append(sequence) }
    }
    let shard = broken.path("shard-00001.kd.zst")
    var bytes = try Data(contentsOf: shard)
    bytes[20] ^= 1
    try bytes.write(to: shard)
    #expect(try broken.writer(sequences).nextSequence == 3)
    try broken.write(sequences)
    #expect(try broken.contents() == whole.contents())
  }

  @Test(arguments: [true, false])
  func otherSettingsAreRefused(finished: Bool) throws {
    let sequences = try TemporaryCache.sequences(4)
    let cache = TemporaryCache()
    if finished { try cache.write(sequences) } else { _ = try cache.writer(sequences) }
    let error = #expect(throws: ShardError.self) {
      try cache.write(sequences, capture: TemporaryCache.capture(seed: 8))
    }
    #expect(error?.description.contains("seed = 7, not 8") == true)
    let codec = CacheCodec.threshold(threshold: 0.1, temperature: 1)
    let coarser = try TemporaryCache.sequences(4, codec: codec)
    let other = #expect(throws: ShardError.self) {
      try cache.write(coarser, capture: TemporaryCache.capture(codec: codec))
    }
    #expect(other?.description.contains("codec.threshold") == true)
  }

  @Test func aSecondWriterIsRefused() throws {
    let sequences = try TemporaryCache.sequences(4)
    let cache = TemporaryCache()
    var first = try cache.writer(sequences)
    #expect(throws: ShardError.locked(path: CacheDirectory(cache.url).path)) {
      _ = try cache.writer(sequences)
    }
    try first.append(sequences[0])
    _ = try first.finish()
    #expect(try cache.writer(sequences).finished != nil)
  }

  @Test func aStrangersFolderIsLeftAlone() throws {
    let sequences = try TemporaryCache.sequences(1)
    let cache = TemporaryCache()
    try FileManager.default.createDirectory(at: cache.url, withIntermediateDirectories: true)
    try Data("mine".utf8).write(to: cache.path("thesis.tex"))
    try Data("mine".utf8).write(to: cache.path("thesis.tex.tmp"))
    #expect(throws: ShardError.self) { try cache.write(sequences) }
    #expect(try cache.contents().keys.sorted() == ["thesis.tex", "thesis.tex.tmp"])
  }
}
