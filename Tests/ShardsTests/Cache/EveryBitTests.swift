import Foundation
import Testing

@testable import Shards

/// Every single bit and every length of a cache's files; minutes long, and so only when asked for:
/// `CODISTILL_EVERY_BIT=1 swift test --filter EveryBitTests`, or `make reliability`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["CODISTILL_EVERY_BIT"] != nil))
struct EveryBitTests {
  /// Of 14 sequences of up to 19 tokens, in six shards and two parts.
  private func cache() throws -> TemporaryCache {
    let cache = TemporaryCache()
    let sequences = try TemporaryCache.sequences(14)
    for (data, range) in [("a", 0..<7), ("b", 7..<14)] {
      var capture = TemporaryCache.capture()
      capture.dataFingerprint = data
      let part = sequences[range].enumerated().map { place, sequence in
        CachedSequence(
          identity: SequenceTokens.identity(
            ordinal: place, tokens: sequence.tokens, fragments: sequence.fragments),
          tokens: sequence.tokens, fragments: sequence.fragments,
          lossMask: sequence.lossMask, targets: sequence.targets)
      }
      var writer = try CacheWriter(
        directory: cache.url, capture: capture, tables: TemporaryCache.tables(part),
        appending: data == "b")
      for sequence in part { try writer.append(sequence) }
      _ = try writer.finish()
    }
    #expect(CacheVerifier.verify(cache.url).ok)
    return cache
  }

  @Test func everyFlippedBitIsNoticed() throws {
    let cache = try cache()
    var counts: [String: Int] = [:]
    for (name, whole) in try cache.contents().sorted(by: { $0.key < $1.key }) {
      let path = cache.path(name)
      let frames = CacheDirectory.shardNumber(name) == nil ? 0 : try framesSize(path)
      for bit in 0..<8 * whole.count {
        var bytes = whole
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        try bytes.write(to: path)
        // What readers refuse `verify` reports: they ask the same of the manifest and the tables.
        let isNoticed =
          frames > 0
          ? !CacheVerifier.verify(cache.url, threads: 1).ok
          : (try? CacheReader(directory: cache.url)) == nil
        try #require(isNoticed, "\(name), bit \(bit)")
        let kind =
          CacheDirectory.shardNumber(name) == nil
          ? String(name.prefix { $0 != "-" }) : bit / 8 < frames ? "frames" : "index and footer"
        counts[kind, default: 0] += 1
      }
      try whole.write(to: path)
    }
    #expect(CacheVerifier.verify(cache.url).ok)
    #expect(counts["frames", default: 0] >= 10_000)
    print("bits flipped, each noticed: \(counts.sorted { $0.key < $1.key })")
  }

  private func framesSize(_ path: URL) throws -> Int {
    let limits = ShardIndex.Limits(payloadSize: 1 << 20, recordCount: 64)
    return try ShardFile(path.path, limits: limits).index.entries.reduce(0) { $0 + $1.storedSize }
  }

  @Test func everyTruncationIsNoticed() throws {
    let cache = try cache()
    var count = 0
    for (name, whole) in try cache.contents() {
      for length in 0..<whole.count {
        try whole.prefix(length).write(to: cache.path(name))
        try #require(!CacheVerifier.verify(cache.url, threads: 1).ok, "\(name) cut to \(length)")
        count += 1
      }
      try whole.write(to: cache.path(name))
    }
    print("truncations, each noticed: \(count)")
  }

  /// Each file in the place of each other one: swapped, duplicated; and each missing, each renamed.
  @Test func everyConfusionOfFilesIsNoticed() throws {
    let cache = try cache()
    let contents = try cache.contents()
    var (swaps, duplicates) = (0, 0)
    for (name, whole) in contents {
      for (other, bytes) in contents where other != name {
        try bytes.write(to: cache.path(name))
        try #require(!CacheVerifier.verify(cache.url).ok, "\(other) in the place of \(name)")
        duplicates += 1
        guard other > name else { continue }
        try whole.write(to: cache.path(other))
        try #require(!CacheVerifier.verify(cache.url).ok, "\(other) and \(name) swapped")
        swaps += 1
        try bytes.write(to: cache.path(other))
      }
      try FileManager.default.removeItem(at: cache.path(name))
      try #require(!CacheVerifier.verify(cache.url).ok, "\(name) missing")
      try whole.write(to: cache.path(name))
    }
    for (name, whole) in contents where CacheDirectory.shardNumber(name) != nil {
      for number in 0..<7 where CacheDirectory.shard(number) != name {
        let target = CacheDirectory.shard(number)
        try FileManager.default.removeItem(at: cache.path(name))
        try whole.write(to: cache.path(target))
        try #require(!CacheVerifier.verify(cache.url).ok, "\(name) renamed to \(target)")
        if let before = contents[target] {
          try before.write(to: cache.path(target))
        } else {
          try FileManager.default.removeItem(at: cache.path(target))
        }
        try whole.write(to: cache.path(name))
      }
    }
    #expect(CacheVerifier.verify(cache.url).ok)
    print("files swapped: \(swaps), duplicated: \(duplicates), missing: \(contents.count)")
  }
}
