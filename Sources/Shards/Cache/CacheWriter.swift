public import Foundation

/// Writes a cache, shard by shard; begun again after a kill, it goes on to the same bytes.
///
/// Order on disk: tables, `capture.json`, shards one at a time, `SHA256SUMS`, and the manifest last;
/// each written under a temporary name, synchronized and renamed. One writer a folder at a time.
public struct CacheWriter: ~Copyable {
  /// Packs sequences into frames; copies of it may work on other threads.
  public let codec: FrameCodec
  /// The number of the first sequence that is not stored yet.
  public private(set) var nextSequence: Int
  /// The manifest, if the cache was complete already; then there is nothing to append.
  public let finished: CacheManifest?

  private let directory: CacheDirectory
  private let capture: CaptureConfig
  private let fingerprint: UInt64
  private let tablesBytes: Int
  private let lock: DirectoryLock
  private var shards: [CacheManifest.Shard]
  private var shard: ShardWriter?

  /// Begins a cache in a folder, or goes on with the one that is there.
  ///
  /// - Parameters:
  ///   - url: the folder of the cache; it is created if need be.
  ///   - capture: the settings, which must be those that an unfinished cache was begun with.
  ///   - tables: the frequency tables of the data; the threshold codec needs them.
  /// - Throws: `locked` if another process writes there, `captureMismatch` naming the key that
  ///   differs, `notACache` if the folder holds something else.
  public init(
    directory url: URL, capture: CaptureConfig, tables: CodingTables?
  ) throws(ShardError) {
    let directory = CacheDirectory(url)
    let codec = try FrameCodec(capture, tables: tables)
    try directory.create()
    let lock = try DirectoryLock(directory)
    let tablesFile = try tables.map { tables throws(ShardError) in
      try TablesFile.encode(tables)
    }
    var capture = capture
    capture.tablesSHA256 = tablesFile.map(TablesFile.digest)
    let captureBytes = try CacheJSON.encode(CaptureFile(capture: capture))
    let fingerprint = ShardIndex.fingerprint(captureBytes)
    let finished = try Self.finishedManifest(directory, capture)
    if finished == nil {
      try Self.begin(directory, capture, captureBytes, tablesFile)
      shards = try Self.wholeShards(directory, capture, fingerprint, codec)
    } else {
      try directory.remove(CacheDirectory.capture)
      shards = finished?.shards ?? []
    }
    nextSequence = shards.reduce(0) { $0 + $1.sequences }
    tablesBytes = tablesFile?.count ?? 0
    shard = nil
    (self.directory, self.codec, self.lock) = (directory, codec, lock)
    (self.capture, self.fingerprint, self.finished) = (capture, fingerprint, finished)
  }

  /// Adds the sequence that comes next.
  public mutating func append(_ sequence: CachedSequence) throws(ShardError) {
    try append(codec.encode(sequence))
  }

  /// Adds the frame of the sequence that comes next; a full shard is committed at once.
  public mutating func append(_ frame: EncodedFrame) throws(ShardError) {
    precondition(finished == nil, "a finished cache takes no more sequences")
    if shard == nil {
      shard = try ShardWriter(
        directory, name: CacheDirectory.shard(shards.count), capture: fingerprint,
        firstSequence: nextSequence)
    }
    try shard?.append(frame)
    nextSequence += 1
    if shard?.count == capture.sequencesPerShard { try commitShard() }
  }

  /// Commits what is left and then the manifest; only now do readers see a cache.
  public consuming func finish() throws(ShardError) -> CacheManifest {
    if let finished { return finished }
    try commitShard()
    guard !shards.isEmpty else {
      throw .invalidSequence(reason: "there is none; a cache needs at least one")
    }
    let manifest = CacheManifest(capture: capture, shards: shards, tablesBytes: tablesBytes)
    let bytes = try CacheJSON.encode(manifest)
    let sums = Checksums(manifest, manifestBytes: bytes)
    try directory.write(sums.encoded, to: CacheDirectory.checksums)
    try directory.write(bytes, to: CacheDirectory.manifest)
    try directory.remove(CacheDirectory.capture)
    try directory.synchronize()
    return manifest
  }

  private mutating func commitShard() throws(ShardError) {
    guard let whole = shard.take() else { return }
    shards.append(try whole.finish())
  }
}
