import Crypto

/// The file of the frequency ranks: one zstd frame of the ids that occurred, most frequent first.
enum RanksFile {
  /// The file's bytes: UInt32 little-endian ids in one zstd frame.
  static func encode(_ ranks: FrequencyRanks, level: Int) throws(ShardError) -> [UInt8] {
    var writer = ByteWriter()
    writer.appendMemory(Array(ranks.ids.prefix(ranks.seenCount)))
    return try ZstdFrame.compress([writer.bytes], level: level)
  }

  /// The SHA-256 of a file's bytes in hexadecimal.
  static func digest(_ bytes: [UInt8]) -> String { SHA256.hash(data: bytes).hexadecimal }

  /// Reads the ranks that a capture names; throws `corrupt` if they are others.
  static func load(
    _ directory: CacheDirectory, _ capture: CaptureConfig
  ) throws(ShardError) -> FrequencyRanks? {
    guard let expected = capture.ranksSHA256 else { return nil }
    let path = directory.path(CacheDirectory.ranks)
    let bytes = try directory.read(CacheDirectory.ranks, limit: 128 << 20)
    guard digest(bytes) == expected else {
      throw .corrupt(path: path, reason: "its SHA-256 is not the one that the manifest states")
    }
    guard let ranks = decode(bytes, vocabularySize: capture.vocabularySize) else {
      throw .corrupt(path: path, reason: "it holds no ranks of \(capture.vocabularySize) ids")
    }
    return ranks
  }

  private static func decode(_ bytes: [UInt8], vocabularySize: Int) -> FrequencyRanks? {
    guard let size = ZstdFrame.declaredSize(bytes), size % 4 == 0, size <= 4 * vocabularySize,
      let payload = try? ZstdFrame.decompress(bytes, size: size)
    else { return nil }
    var reader = ByteReader(payload)
    guard let seen = try? reader.memory(Int32.self, count: size / 4) else { return nil }
    return FrequencyRanks(seen: seen, vocabularySize: vocabularySize)
  }
}
