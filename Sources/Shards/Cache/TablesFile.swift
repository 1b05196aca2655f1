import Crypto

/// The file of the frequency ranks: one zstd frame with the ids that occurred, most frequent first.
///
/// Each id is stored as its difference from the one before (the first from 0), zigzag-coded: ids
/// that occurred equally often ascend, so that most differences are small.
enum TablesFile {
  /// The file's bytes: in one zstd frame the count (UInt32), then the integers of the differences.
  static func encode(_ tables: CodingTables, level: Int) throws(ShardError) -> [UInt8] {
    let ranks = tables.ranks
    var (header, previous) = (ByteWriter(), 0)
    header.append(UInt32(ranks.seenCount))
    let differences = ranks.ids.prefix(ranks.seenCount).map { id in
      defer { previous = Int(id) }
      return IntegerCode.zigzag(Int(id) - previous)
    }
    let (symbols, bits) = IntegerCode.encode(differences)
    return try ZstdFrame.compress([header.bytes, symbols, bits], level: level)
  }

  /// The SHA-256 of a file's bytes in hexadecimal.
  static func digest(_ bytes: [UInt8]) -> String { SHA256.hash(data: bytes).hexadecimal }

  /// Reads the ranks that a capture names; throws `corrupt` if they are others.
  static func load(
    _ directory: CacheDirectory, _ capture: CaptureConfig, part: Int
  ) throws(ShardError) -> CodingTables? {
    guard let expected = capture.tablesSHA256 else { return nil }
    let name = CacheDirectory.tables(part)
    let path = directory.path(name)
    let bytes = try directory.read(name, limit: 128 << 20)
    guard digest(bytes) == expected else {
      throw .corrupt(path: path, reason: "its SHA-256 is not the one that the manifest states")
    }
    guard let ranks = decode(bytes, vocabularySize: capture.vocabularySize) else {
      throw .corrupt(path: path, reason: "it holds no ranks of \(capture.vocabularySize) ids")
    }
    return CodingTables(ranks: ranks)
  }

  static func decode(_ bytes: [UInt8], vocabularySize: Int) -> FrequencyRanks? {
    guard let size = ZstdFrame.declaredSize(bytes), size <= 4 + 5 * vocabularySize,
      let payload = try? ZstdFrame.decompress(bytes, size: size)
    else { return nil }
    var reader = ByteReader(payload)
    guard let count = try? reader.integer(UInt32.self),
      let differences = try? IntegerCode.decode(&reader, count: Int(count)), reader.remaining == 0
    else { return nil }
    var (id, seen) = (0, [Int32]())
    for difference in differences {
      id += IntegerCode.unzigzag(difference)
      guard id >= 0, id < vocabularySize else { return nil }
      seen.append(Int32(id))
    }
    return FrequencyRanks(seen: seen, vocabularySize: vocabularySize)
  }
}
