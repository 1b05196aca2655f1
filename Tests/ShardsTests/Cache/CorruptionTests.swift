import Foundation
import Testing

@testable import Shards

/// Damage at some thousands of places; `EveryBitTests` has every single one.
struct CorruptionTests {
  @Test(arguments: ["manifest.json", "SHA256SUMS", "tables-000.zst", "shard-00000.kd.zst"])
  func flippedBytesAreNoticed(file: String) throws {
    let cache = TemporaryCache()
    try cache.write(try TemporaryCache.sequences(2))
    let path = cache.path(file)
    let whole = try Data(contentsOf: path)
    for position in stride(from: 0, to: whole.count, by: 3) {
      var bytes = whole
      bytes[position] ^= UInt8(1 << (position % 8))
      try bytes.write(to: path)
      // Readers and `verify` ask the same of these files; the dear one of the two now and then.
      if !file.hasPrefix("shard"), position % 8 > 0 {
        #expect(throws: ShardError.self, "byte \(position)") {
          try CacheReader(directory: cache.url)
        }
        continue
      }
      let report = CacheVerifier.verify(cache.url)
      #expect(!report.ok, "byte \(position)")
      // The manifest and its sum accuse each other; all else is named itself.
      let names = file == "manifest.json" || file == "SHA256SUMS" ? ["manifest", "SHA256"] : [file]
      #expect(report.problems.contains { problem in names.contains { problem.contains($0) } })
      #expect(report.problems.allSatisfy { !$0.contains("\n") })
    }
    try whole.write(to: path)
    #expect(CacheVerifier.verify(cache.url).ok)
  }

  @Test func readersNoticeAFlippedByteOfAFrameOrItsIndex() throws {
    let cache = TemporaryCache()
    let sequences = try TemporaryCache.sequences(2)
    try cache.write(sequences)
    let path = cache.path("shard-00000.kd.zst")
    let whole = try Data(contentsOf: path)
    for position in stride(from: 1, to: whole.count, by: 3) {
      var bytes = whole
      bytes[position] ^= 0x10
      try bytes.write(to: path)
      let error = #expect(throws: ShardError.self) {
        let reader = try CacheReader(directory: cache.url)
        for index in 0..<reader.count { _ = try reader.sequence(at: index) }
      }
      #expect(error?.description.contains("shard-00000.kd.zst") == true)
    }
  }

  @Test func truncationsAreNoticed() throws {
    let cache = TemporaryCache()
    try cache.write(try TemporaryCache.sequences(2))
    for file in ["shard-00000.kd.zst", "tables-000.zst", "SHA256SUMS", "manifest.json"] {
      let path = cache.path(file)
      let whole = try Data(contentsOf: path)
      for length in stride(from: 0, to: whole.count, by: 3) {
        try whole.prefix(length).write(to: path)
        #expect(throws: ShardError.self) { try CacheReader(directory: cache.url) }
        guard file.hasPrefix("shard") || length % 8 == 0 else { continue }
        #expect(!CacheVerifier.verify(cache.url).ok, "\(file) cut to \(length)")
      }
      try whole.write(to: path)
    }
  }

  @Test func swappedShardsAreNoticed() throws {
    let cache = TemporaryCache()
    try cache.write(try TemporaryCache.sequences(6))
    let (a, b) = (cache.path("shard-00000.kd.zst"), cache.path("shard-00001.kd.zst"))
    let (first, second) = (try Data(contentsOf: a), try Data(contentsOf: b))
    try first.write(to: b)
    try second.write(to: a)
    #expect(throws: ShardError.self) { try CacheReader(directory: cache.url) }
    #expect(!CacheVerifier.verify(cache.url).ok)
  }

  @Test func framesThatLieAboutTheirSizeAreRefused() throws {
    let zeros = [UInt8](repeating: 0, count: 1 << 20)
    let bomb = try ZstdFrame.compress([zeros], level: 3)
    #expect(bomb.count < 1000)
    #expect(try ZstdFrame.decompress(bomb, size: zeros.count) == zeros)
    // Sizes that differ from the index, a tail, a second frame, no frame at all.
    #expect(throws: FrameProblem.self) { try ZstdFrame.decompress(bomb, size: 1 << 10) }
    #expect(throws: FrameProblem.self) { try ZstdFrame.decompress(bomb + [0], size: zeros.count) }
    #expect(throws: FrameProblem.self) { try ZstdFrame.decompress(bomb + bomb, size: zeros.count) }
    #expect(throws: FrameProblem.self) { try ZstdFrame.decompress([], size: 0) }
    // A bomb whose index agrees with it is stopped by the cache's own bound.
    let limits = ShardIndex.Limits(payloadSize: 1 << 16, recordCount: 64)
    var index = ShardIndex(capture: 0, firstSequence: 0)
    let frame = EncodedFrame(identity: 0, recordCount: 1, payloadSize: 1 << 20, bytes: bomb)
    index.entries = [ShardIndex.Entry(frame, offset: 0)]
    #expect(throws: FrameProblem.self) {
      try ShardIndex(
        index.encoded, fileSize: bomb.count + index.encoded.count, limits: limits)
    }
  }

  @Test func countsThatLieAreRefusedBeforeAllocating() throws {
    let sequence = try TemporaryCache.sequences(1)[0]
    let codec = try FrameCodec(TemporaryCache.capture(), tables: TemporaryCache.tables([sequence]))
    let payload = try codec.sections(of: sequence).flatMap { $0 }
    #expect(try codec.decode(payload: payload, identity: sequence.identity) == sequence)
    for position in payload.indices {
      for value: UInt8 in [0, 15, 16, 127, 254, 255] where payload[position] != value {
        var bytes = payload
        bytes[position] = value
        // No trap, and nothing that is not a sequence of this cache.
        if let decoded = try? codec.decode(payload: bytes, identity: 0) {
          #expect(decoded.targets.count == decoded.text.recordCount)
        }
      }
      #expect(throws: FrameProblem.self) {
        try codec.decode(payload: Array(payload[..<position]), identity: 0)
      }
    }
  }

  @Test(arguments: [
    "../shard-00000.kd.zst", "/etc/passwd", "..", "a/b", "shard-00001.kd.zst", "shard-0.kd.zst", "",
  ])
  func namesThatPointElsewhereAreRefused(name: String) throws {
    let cache = TemporaryCache()
    try cache.write(try TemporaryCache.sequences(2))
    let path = cache.path("manifest.json")
    let text = try String(contentsOf: path, encoding: .utf8)
    let hostile = Array(
      text.replacingOccurrences(of: "\"shard-00000.kd.zst\"", with: "\"\(name)\"").utf8)
    let error = #expect(throws: ShardError.self) {
      try CacheManifest(hostile, path: "manifest.json")
    }
    #expect(error?.description.contains("is named") == true)
  }

  @Test func otherVersionsAndNonsenseAreNamed() throws {
    let cache = TemporaryCache()
    try cache.write(try TemporaryCache.sequences(1))
    let text = try String(contentsOf: cache.path("manifest.json"), encoding: .utf8)
    let newer = text.replacingOccurrences(
      of: "\"format_version\" : 2", with: "\"format_version\" : 4")
    #expect(newer != text)
    #expect(throws: ShardError.unsupportedVersion(path: "m", version: 4)) {
      try CacheManifest(Array(newer.utf8), path: "m")
    }
    let nonsense = [
      "", "[]", "{", "{\"format_version\": 2}",
      text.replacingOccurrences(of: "\"threshold\" : 0.05", with: "\"threshold\" : -1"),
      text.replacingOccurrences(of: "\"vocab_size\" : 300", with: "\"vocab_size\" : 99999999999"),
      text.replacingOccurrences(
        of: "\"sequences\" : 1,\n  \"tokens", with: "\"sequences\" : 2,\n  \"tokens"),
      text.replacingOccurrences(
        of: "\"sequences\" : 1,\n      \"shards", with: "\"sequences\" : 2,\n      \"shards"),
      text.replacingOccurrences(
        of: "\"fingerprint\" : \"[0-9a-f]", with: "\"fingerprint\" : \"g",
        options: .regularExpression),
    ]
    for nonsense in nonsense {
      #expect(nonsense != text)
      let error = #expect(throws: ShardError.self) {
        try CacheManifest(Array(nonsense.utf8), path: "m")
      }
      #expect(error?.description.contains("\n") == false)
    }
  }
}
