public import Foundation

/// Writes a cache of one process, shard by shard; begun again after a kill, it goes on to the same
/// bytes.
///
/// It need not know how many sequences will come. Several processes that write one cache together
/// use `PartBuilder`.
public struct CacheWriter: ~Copyable {
  /// Packs sequences into frames; copies of it may work on other threads.
  public var codec: FrameCodec { part.codec }
  /// The number of the first sequence that is not stored yet.
  package private(set) var nextSequence: Int
  /// The manifest, if the cache was complete already; then there is nothing to append.
  package var finished: CacheManifest? { part.finished }

  private let part: PartBuilder
  private var shards: [CacheManifest.Shard]
  private var shard: ShardWriter?

  /// Begins a cache in a folder, or goes on with the one that is there.
  ///
  /// - Parameters:
  ///   - url: the folder of the cache; it is created if need be.
  ///   - capture: the settings, which must be those that an unfinished cache was begun with.
  ///   - tables: the coding tables; sparse codecs need them.
  ///   - appending: whether the sequences are to follow those of a finished cache, as a new part.
  /// - Throws: `locked` if another process writes there, `captureMismatch` naming the key that
  ///   differs, `notACache` if the folder holds something else.
  public init(
    directory url: URL, capture: CaptureConfig, tables: CodingTables?, appending: Bool = false
  ) throws(ShardError) {
    let part = try PartBuilder(
      directory: url, capture: capture, tables: tables, sequences: nil, appending: appending)
    let finished = part.finished?.parts[part.part].shards
    let shards = if let finished { finished } else { try Self.fullShards(part) }
    let next = try Self.claim(part, shards.count)
    self.part = part
    self.shards = shards
    nextSequence = shards.reduce(0) { $0 + $1.sequences }
    shard = consume next
  }

  /// The full shards of a killed writer, up to the first that is missing or damaged.
  ///
  /// A shard that is whole but not full was the last of a run that ended while finishing; it is
  /// made again, so that the bytes do not depend on where the run was killed.
  private static func fullShards(_ part: PartBuilder) throws(ShardError) -> [CacheManifest.Shard] {
    var shards: [CacheManifest.Shard] = []
    while let shard = try part.shard(of: shards.count),
      shard.sequences == part.capture.sequencesPerShard
    {
      shards.append(shard)
    }
    return shards
  }

  private static func claim(_ part: PartBuilder, _ unit: Int) throws(ShardError) -> ShardWriter? {
    guard part.finished == nil else { return nil }
    guard let writer = try part.writer(of: unit) else {
      throw .locked(path: part.directory.path)
    }
    return writer
  }

  /// Adds the sequence that comes next.
  public mutating func append(_ sequence: CachedSequence) throws(ShardError) {
    try append(codec.encode(sequence))
  }

  /// Adds the frame of the sequence that comes next; a full shard is committed at once.
  public mutating func append(_ frame: EncodedFrame) throws(ShardError) {
    precondition(finished == nil, "a finished cache takes no more sequences")
    try shard?.append(frame)
    nextSequence += 1
    guard shard?.count == part.capture.sequencesPerShard else { return }
    // The next claim comes before this one ends, or another writer could slip in.
    let next = try Self.claim(part, shards.count + 1)
    if let full = shard.take() { shards.append(try full.finish()) }
    shard = consume next
  }

  /// Commits what is left and then the manifest; only now do readers see a cache.
  public consuming func finish() throws(ShardError) -> CacheManifest {
    if let finished { return finished }
    if let last = shard.take() {
      if last.count > 0 { shards.append(try last.finish()) } else { last.discard() }
    }
    guard !shards.isEmpty else {
      throw .invalidSequence(reason: "there is none; a cache needs at least one")
    }
    try removeSurplus()
    return try part.commit(shards)
  }

  /// Removes the shards of an earlier, longer attempt.
  private func removeSurplus() throws(ShardError) {
    let directory = part.directory
    for name in try directory.names() {
      guard let number = CacheDirectory.shardNumber(name),
        number >= part.firstShard + shards.count
      else { continue }
      try directory.remove(name)
    }
  }
}
