/// One capture within a cache: its settings and a run of the cache's shards.
///
/// A cache has one part when it is built; appending adds one, merging puts the parts of several
/// caches together. A part's shards are the same bytes in whatever cache they lie.
public struct CachePart: Sendable, Equatable, Codable {
  /// A shard that was made again under another arithmetic than the part's own.
  package struct ForeignShard: Sendable, Equatable, Codable {
    /// The file's name.
    package var file: String
    /// The arithmetic of its logits.
    package var arithmetic: [String: String]
  }

  /// The settings that decided the bytes.
  public let capture: CaptureConfig
  /// The capture that the shards were made under, as 16 hexadecimal digits; indexes repeat it.
  public let fingerprint: String
  /// The number of sequences.
  public let sequences: Int
  /// The number of records: positions with targets.
  public let tokens: Int
  /// The bytes of the shards and the tables.
  public let bytes: Int
  /// The shard files, in the order of their sequences; all but the last are full.
  public internal(set) var shards: [CacheManifest.Shard]
  /// The shards whose arithmetic is not that of the capture; nil where there are none.
  package internal(set) var foreignShards: [ForeignShard]?

  private enum CodingKeys: String, CodingKey {
    case capture, fingerprint, sequences, tokens, bytes, shards
    case foreignShards = "foreign_shards"
  }

  /// A part of some shards, which it counts.
  init(
    capture: CaptureConfig, fingerprint: CaptureFingerprint, shards: [CacheManifest.Shard],
    tablesBytes: Int, foreignShards: [ForeignShard]? = nil
  ) {
    self.capture = capture
    self.fingerprint = fingerprint.hexadecimal
    self.shards = shards
    self.foreignShards = foreignShards
    sequences = shards.reduce(0) { $0 + $1.sequences }
    tokens = shards.reduce(0) { $0 + $1.tokens }
    bytes = shards.reduce(tablesBytes) { $0 + $1.bytes }
  }

  /// The bytes of the tables.
  var tablesBytes: Int { bytes - shards.reduce(0) { $0 + $1.bytes } }

  /// The part with its shards named as they are in a cache where other shards precede them.
  func renumbered(from first: Int) -> CachePart {
    var part = self
    for place in shards.indices {
      let name = CacheDirectory.shard(first + place)
      for foreign in (foreignShards ?? []).indices
      where foreignShards?[foreign].file == shards[place].file {
        part.foreignShards?[foreign].file = name
      }
      part.shards[place].file = name
    }
    return part
  }

  /// The most bytes of a shard, or of a part's tables: sums of very many of them are whole numbers.
  private static let mostBytes = 1 << 42

  /// Throws `corrupt`, naming the manifest, unless the part holds together.
  func check(firstShard: Int, path: String) throws(ShardError) {
    do { try capture.validate() } catch { throw .corrupt(path: path, reason: error.description) }
    guard CaptureFingerprint(hexadecimal: fingerprint) != nil, !shards.isEmpty else {
      throw .corrupt(path: path, reason: "a part has no shards, or no fingerprint")
    }
    for (place, shard) in shards.enumerated() {
      try check(shard, number: firstShard + place, isLast: place == shards.count - 1, path)
    }
    guard sequences == shards.reduce(0, { $0 + $1.sequences }), bytes >= 0,
      (0...Self.mostBytes).contains(tablesBytes),
      tokens == shards.reduce(0, { $0 + $1.tokens })
    else { throw .corrupt(path: path, reason: "its counts are not those of its shards") }
  }

  private func check(
    _ shard: CacheManifest.Shard, number: Int, isLast: Bool, _ path: String
  ) throws(ShardError) {
    // One name a shard and no other: nothing can point outside the folder.
    guard shard.file == CacheDirectory.shard(number) else {
      throw .corrupt(
        path: path,
        reason: "shard \(number) is named \(shard.file.debugDescription),"
          + " not \(CacheDirectory.shard(number))")
    }
    let full = capture.sequencesPerShard
    guard isLast ? (1...full).contains(shard.sequences) : shard.sequences == full,
      shard.tokens > 0, shard.tokens <= shard.sequences * capture.sequenceLength,
      (1...Self.mostBytes).contains(shard.bytes)
    else { throw .corrupt(path: path, reason: "\(shard.file) has impossible counts") }
  }
}
