import Foundation
import Testing

@testable import Shards

/// Caches of several parts: merged ones, and ones that data were appended to.
struct MergingTests {
  /// A cache of some sequences, whose data are told apart by a letter.
  private func make(
    _ count: Int, data: String, in cache: TemporaryCache, appending: Bool = false,
    changed: (inout CaptureConfig) -> Void = { _ in }
  ) throws -> CacheManifest {
    var capture = TemporaryCache.capture()
    capture.dataFingerprint = data
    changed(&capture)
    let sequences = try TemporaryCache.sequences(count, codec: capture.codec)
    var writer = try CacheWriter(
      directory: cache.url, capture: capture,
      tables: TemporaryCache.tables(sequences, capture: capture), appending: appending)
    for sequence in sequences.dropFirst(writer.nextSequence) { try writer.append(sequence) }
    return try writer.finish()
  }

  private func merge(_ caches: [TemporaryCache], into cache: TemporaryCache) throws -> CacheManifest
  {
    try CacheMerger.merge(caches.map(\.url), into: cache.url, threads: 2)
  }

  @Test func mergingCopiesShardsAsTheyAre() throws {
    let (a, b, c, both) = (
      TemporaryCache(), TemporaryCache(), TemporaryCache(), TemporaryCache()
    )
    _ = try make(7, data: "a", in: a)
    _ = try make(4, data: "b", in: b)
    let manifest = try merge([a, b], into: both)
    #expect(manifest.sequences == 11 && manifest.parts.map(\.sequences) == [7, 4])
    let (first, second, merged) = (try a.contents(), try b.contents(), try both.contents())
    #expect(merged["shard-00002.kd.zst"] == first["shard-00002.kd.zst"])
    #expect(merged["shard-00003.kd.zst"] == second["shard-00000.kd.zst"])
    #expect(merged["tables-001.zst"] == second["tables-000.zst"])
    #expect(CacheVerifier.verify(both.url) == VerificationReport(frames: 11))

    let (whole, one, two) = (
      try CacheReader(directory: both.url), try CacheReader(directory: a.url),
      try CacheReader(directory: b.url)
    )
    for index in 0..<11 {
      let expected = try index < 7 ? one.sequence(at: index) : two.sequence(at: index - 7)
      #expect(try whole.sequence(at: index) == expected)
      #expect(try whole.part(at: index) == (index < 7 ? 0 : 1))
    }
    // What was merged can be merged on, and appended to one by one it is the same bytes.
    _ = try make(2, data: "c", in: c)
    let all = TemporaryCache()
    #expect(try merge([both, c], into: all).parts.count == 3)
    _ = try make(4, data: "b", in: a, appending: true)
    _ = try make(2, data: "c", in: a, appending: true)
    #expect(try a.contents() == all.contents())
    #expect(CacheVerifier.verify(all.url).ok)
  }

  @Test func theSameMergeAgainChangesNothing() throws {
    let (a, b, both) = (TemporaryCache(), TemporaryCache(), TemporaryCache())
    _ = try make(7, data: "a", in: a)
    _ = try make(4, data: "b", in: b)
    let manifest = try merge([a, b], into: both)
    let before = try both.contents()
    #expect(try merge([a, b], into: both) == manifest)
    // A kill may leave any of the files out, and halves of them.
    for name in ["manifest.json", "SHA256SUMS", "shard-00003.kd.zst", "tables-001.zst"] {
      try FileManager.default.removeItem(at: both.path(name))
      try Data("half".utf8).write(to: both.path(name + ".tmp"))
    }
    #expect(throws: ShardError.unfinished(path: CacheDirectory(both.url).path)) {
      try CacheReader(directory: both.url)
    }
    #expect(try merge([a, b], into: both) == manifest)
    #expect(try both.contents() == before)
  }

  @Test func whatDoesNotGoTogetherIsRefused() throws {
    let changes: [(key: String, change: (inout CaptureConfig) -> Void)] = [
      ("teacher.fingerprint", { $0.teacher.fingerprint = "11" }),
      ("tokenizer_sha256", { $0.tokenizerSHA256 = "other" }),
      ("codec.temperature", { $0.codec = .threshold(threshold: 0.05, temperature: 2) }),
      ("codec.threshold", { $0.codec = .threshold(threshold: 0.1, temperature: 1) }),
      ("codec.name", { $0.codec = .dense(temperature: 1) }),
    ]
    let a = TemporaryCache()
    _ = try make(4, data: "a", in: a)
    let before = try a.contents()
    for (key, change) in changes {
      let (b, both) = (TemporaryCache(), TemporaryCache())
      _ = try make(4, data: "b", in: b, changed: change)
      let merging = #expect(throws: ShardError.self) { try merge([a, b], into: both) }
      #expect(merging?.description.contains("has \(key) = ") == true, "\(merging!)")
      #expect(merging?.description.hasPrefix(CacheDirectory(b.url).path) == true)
      let appending = #expect(throws: ShardError.self) {
        _ = try make(4, data: "b", in: a, appending: true, changed: change)
      }
      #expect(appending?.description.contains("has \(key) = ") == true, "\(appending!)")
    }
    let twice = #expect(throws: ShardError.self) { try merge([a, a], into: TemporaryCache()) }
    #expect(twice?.description.contains("name each once") == true)
    // Another teacher's name is only another path.
    let (b, both) = (TemporaryCache(), TemporaryCache())
    _ = try make(4, data: "b", in: b, changed: { $0.teacher.name = "elsewhere" })
    #expect(try merge([a, b], into: both).parts[1].capture.teacher.name == "elsewhere")
    _ = try make(4, data: "a", in: b, appending: true, changed: { $0.teacher.name = "c" })
    let copy = #expect(throws: ShardError.self) { try merge([a, b], into: TemporaryCache()) }
    #expect(copy?.description.contains("name each once") == true)
    #expect(try a.contents() == before)
  }

  @Test func foldersThatHoldSomethingElseAreLeftAlone() throws {
    let (a, b, other) = (TemporaryCache(), TemporaryCache(), TemporaryCache())
    _ = try make(4, data: "a", in: a)
    _ = try make(4, data: "b", in: b)
    _ = try make(4, data: "c", in: other)
    let before = try other.contents()
    #expect(throws: ShardError.self) { try merge([a, b], into: other) }
    #expect(throws: ShardError.self) { try merge([a, b], into: a) }
    #expect(try other.contents() == before)
    #expect(CacheVerifier.verify(a.url).ok)
  }

  @Test func aDamagedSourceIsNamed() throws {
    let (a, b, both) = (TemporaryCache(), TemporaryCache(), TemporaryCache())
    _ = try make(4, data: "a", in: a)
    _ = try make(4, data: "b", in: b)
    let shard = b.path("shard-00001.kd.zst")
    var bytes = try Data(contentsOf: shard)
    bytes[9] ^= 1
    try bytes.write(to: shard)
    let error = #expect(throws: ShardError.self) { try merge([a, b], into: both) }
    #expect(error?.description.hasPrefix(shard.path) == true)
    #expect(throws: ShardError.self) { try CacheReader(directory: both.url) }
  }

  /// The states of an append between two of its steps; the old cache is readable in each.
  @Test func anAppendCutShortLeavesTheOldCache() throws {
    let (cache, whole) = (TemporaryCache(), TemporaryCache())
    _ = try make(4, data: "a", in: whole)
    let old = try whole.contents()
    _ = try make(5, data: "b", in: whole, appending: true)
    let new = try whole.contents()
    _ = try make(4, data: "a", in: cache)
    var capture = TemporaryCache.capture()
    capture.dataFingerprint = "b"
    let sequences = try TemporaryCache.sequences(5)
    do {
      var writer = try CacheWriter(
        directory: cache.url, capture: capture, tables: TemporaryCache.tables(sequences),
        appending: true)
      for sequence in sequences { try writer.append(sequence) }
    }
    #expect(try CacheReader(directory: cache.url).count == 4)
    #expect(CacheVerifier.verify(cache.url).ok)
    let shard = "shard-00003.kd.zst"
    try #require(new[shard]).write(to: cache.path(shard))
    // The new manifest lies ready, then the sums are replaced: from here on the new cache is there.
    try #require(new["manifest.json"]).write(to: cache.path("manifest.json.tmp"))
    #expect(try CacheReader(directory: cache.url).count == 4)
    try #require(new["SHA256SUMS"]).write(to: cache.path("SHA256SUMS"))
    #expect(try CacheReader(directory: cache.url).count == 9)
    #expect(CacheVerifier.verify(cache.url) == VerificationReport(frames: 9))
    #expect(try cache.contents()["manifest.json"] == old["manifest.json"])
    _ = try make(5, data: "b", in: cache, appending: true)
    #expect(try cache.contents() == new)
    // The same again finds it done; and other data without the wish to append is refused.
    _ = try make(5, data: "b", in: cache, appending: true)
    #expect(try cache.contents() == new)
    let error = #expect(throws: ShardError.self) { _ = try make(5, data: "c", in: cache) }
    #expect(error?.description.contains("--append") == true)
    #expect(throws: ShardError.self) {
      _ = try make(5, data: "c", in: TemporaryCache(), appending: true)
    }
  }

  /// Of two different appends at once one is refused, not mixed in.
  @Test func oneAppendAtATime() throws {
    let cache = TemporaryCache()
    _ = try make(4, data: "a", in: cache)
    var capture = TemporaryCache.capture()
    capture.dataFingerprint = "b"
    let sequences = try TemporaryCache.sequences(5)
    var writer = try CacheWriter(
      directory: cache.url, capture: capture, tables: TemporaryCache.tables(sequences),
      appending: true)
    let error = #expect(throws: ShardError.self) {
      _ = try make(3, data: "c", in: cache, appending: true)
    }
    #expect(error?.description.contains("data_fingerprint = b, not c") == true)
    for sequence in sequences { try writer.append(sequence) }
    _ = try writer.finish()
    #expect(try make(3, data: "c", in: cache, appending: true).parts.count == 3)
    #expect(CacheVerifier.verify(cache.url).ok)
  }
}
