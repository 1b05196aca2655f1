public import Foundation

/// Reads a finished cache at random; a value without state, for any number of threads.
///
/// Opening checks the manifest, the tables and every shard's index; reading checks the frame's hash.
public struct CacheReader: Sendable {
  /// What the cache says about itself.
  public let manifest: CacheManifest
  let codec: FrameCodec
  let shards: [ShardFile]
  /// Per shard, the number of its first sequence.
  private let firsts: [Int]

  /// Opens a cache; throws `unfinished`, `missing`, `corrupt` or `unsupportedVersion`.
  public init(directory url: URL) throws(ShardError) {
    let directory = CacheDirectory(url)
    manifest = try Self.manifest(in: directory)
    let tables = try TablesFile.load(directory, manifest.capture)
    do { codec = try FrameCodec(manifest.capture, tables: tables) } catch {
      throw .corrupt(
        path: directory.path(CacheDirectory.manifest), reason: error.description)
    }
    var (shards, firsts, sequences) = ([ShardFile](), [Int](), 0)
    for shard in manifest.shards {
      shards.append(
        try Self.open(directory.path(shard.file), shard, firstSequence: sequences, codec))
      firsts.append(sequences)
      sequences += shard.sequences
    }
    (self.shards, self.firsts) = (shards, firsts)
  }

  /// The number of sequences.
  public var count: Int { manifest.sequences }

  /// A sequence with its targets, by its number in the cache.
  public func sequence(at index: Int) throws(ShardError) -> CachedSequence {
    let (shard, frame) = try place(of: index)
    let payload = try shard.payload(of: frame)
    return try shard.unpack(frame) { () throws(FrameProblem) in
      try codec.decode(payload: payload, identity: shard.index.entries[frame].identity)
    }
  }

  /// A sequence's tokens, fragments and mask.
  public func text(at index: Int) throws(ShardError) -> SequenceTokens {
    try sequence(at: index).text
  }

  /// The number of records of a sequence, from the index alone.
  public func recordCount(at index: Int) throws(ShardError) -> Int {
    let (shard, frame) = try place(of: index)
    return shard.index.entries[frame].recordCount
  }

  private func place(of index: Int) throws(ShardError) -> (ShardFile, Int) {
    guard index >= 0, index < count else { throw .noSuchSequence(index: index, count: count) }
    // Shards are equally long but for the last, or but for merging: search.
    var (low, high) = (0, firsts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if firsts[middle] <= index { low = middle } else { high = middle }
    }
    return (shards[low], index - firsts[low])
  }

  /// The manifest of a folder, checked against `SHA256SUMS`.
  static func manifest(in directory: CacheDirectory) throws(ShardError) -> CacheManifest {
    guard directory.exists(CacheDirectory.manifest) else {
      throw directory.exists(CacheDirectory.capture)
        ? .unfinished(path: directory.path)
        : .missing(path: directory.path(CacheDirectory.manifest))
    }
    let path = directory.path(CacheDirectory.manifest)
    let bytes = try directory.read(CacheDirectory.manifest)
    let manifest = try CacheManifest(bytes, path: path)
    let sums = try directory.read(CacheDirectory.checksums)
    guard sums == Checksums(manifest, manifestBytes: bytes).encoded else {
      throw .corrupt(
        path: path, reason: "it does not agree with \(CacheDirectory.checksums) beside it")
    }
    return manifest
  }

  /// Opens a shard and compares it with what the manifest states.
  static func open(
    _ path: String, _ stated: CacheManifest.Shard, firstSequence: Int, _ codec: FrameCodec
  ) throws(ShardError) -> ShardFile {
    let shard = try ShardFile(path, limits: codec.limits)
    guard shard.index.entries.count == stated.sequences,
      shard.index.entries.reduce(0, { $0 + $1.recordCount }) == stated.tokens,
      shard.index.firstSequence == firstSequence
    else {
      throw .corrupt(path: path, reason: "it is not the shard that the manifest describes")
    }
    return shard
  }
}
