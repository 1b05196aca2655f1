import Base
public import Foundation
import Synchronization

/// Reads a finished cache at random, on any number of threads.
///
/// Opening checks the manifest, the tables and every shard's index; reading checks the frame's
/// hash, and that the tokens are those whose identity the index states. The memory is about the
/// same for any size of cache: indexes are read again when they are needed.
///
/// ```swift
/// let reader = try CacheReader(directory: URL(filePath: "cache"))
/// print(reader.count, reader.manifest.capture.codec)
/// for index in 0..<reader.count {
///   guard case .sparse(let targets) = try reader.sequence(at: index).targets else { continue }
///   let first = targets.entries(of: 0)  // of the sequence's first position
///   print(targets.ids[first], targets.values[first])
/// }
/// ```
public struct CacheReader: Sendable {
  /// The cache's manifest.
  public let manifest: CacheManifest
  private let directory: CacheDirectory
  /// The shards of all parts.
  private let shards: [ShardPlace]
  /// The codec of the frames of each part.
  private let codecs: [FrameCodec]
  private let recent = RecentShards()

  /// The place of a shard.
  struct ShardPlace: Sendable {
    /// Its number in the cache.
    let number: Int
    /// The number of its first sequence in the cache.
    let firstSequence: Int
    /// The part that it belongs to.
    let part: Int
    /// Its place among the shards of that part.
    let place: Int
  }

  /// Opens a cache, or its first parts alone; throws `unfinished`, `missing`, `corrupt` or
  /// `unsupportedVersion`.
  public init(directory url: URL, parts: Int? = nil) throws(ShardError) {
    directory = CacheDirectory(url)
    let whole = try Self.manifest(in: directory)
    manifest = parts.map { CacheManifest(parts: Array(whole.parts.prefix($0))) } ?? whole
    var shards: [ShardPlace] = []
    var codecs: [FrameCodec] = []
    var sequences = 0
    for (number, part) in manifest.parts.enumerated() {
      let codec = try Self.codec(of: part, number, in: directory)
      codecs.append(codec)
      for place in part.shards.indices {
        _ = try Self.open(place, of: part, in: directory, codec)
        shards.append(
          ShardPlace(
            number: shards.count, firstSequence: sequences, part: number, place: place))
        sequences += part.shards[place].sequences
      }
    }
    self.shards = shards
    self.codecs = codecs
  }

  /// The number of sequences.
  public var count: Int { manifest.sequences }

  /// A sequence with its targets, by its number in the cache.
  public func sequence(at index: Int) throws(ShardError) -> CachedSequence {
    let (shard, frame) = try place(of: index)
    let file = try file(of: shard)
    let payload = try file.payload(of: frame)
    return try file.unpack(frame) { () throws(FrameProblem) in
      let sequence = try codecs[shard.part].decode(
        payload: payload, identity: file.index.entries[frame].identity)
      try file.index.check(sequence.text, frame: frame)
      return sequence
    }
  }

  /// A sequence's tokens, fragments and mask.
  public func text(at index: Int) throws(ShardError) -> SequenceTokens {
    try sequence(at: index).text
  }

  /// The number of records of a sequence, from the index alone.
  public func recordCount(at index: Int) throws(ShardError) -> Int {
    let (shard, frame) = try place(of: index)
    return try file(of: shard).index.entries[frame].recordCount
  }

  /// A sequence's identity, a hash of its tokens and its number in its part, from the index alone.
  public func identity(at index: Int) throws(ShardError) -> UInt64 {
    let (shard, frame) = try place(of: index)
    return try file(of: shard).index.entries[frame].identity
  }

  /// The part that a sequence belongs to.
  package func part(at index: Int) throws(ShardError) -> Int { try place(of: index).0.part }

  /// The share of the teacher's own training before it spoke of a sequence, from 0 to 1; nil where
  /// the teacher was a finished one.
  package func maturity(at index: Int) throws(ShardError) -> Double? {
    let (shard, frame) = try place(of: index)
    let capture = manifest.parts[shard.part].capture
    return capture.maturity?.share(of: shard.place * capture.sequencesPerShard + frame)
  }

  /// Whether the teacher's step is known of any sequence.
  package var knowsMaturity: Bool { manifest.parts.contains { $0.capture.maturity != nil } }

  /// The shard that holds a sequence, and the sequence's frame in it.
  private func place(of index: Int) throws(ShardError) -> (ShardPlace, Int) {
    guard index >= 0, index < count else { throw .noSuchSequence(index: index, count: count) }
    // The last shard of each part may be short: search.
    var (low, high) = (0, shards.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if shards[middle].firstSequence <= index { low = middle } else { high = middle }
    }
    return (shards[low], index - shards[low].firstSequence)
  }

  /// The bits that each kind of number takes in a sequence of this number, under its part's tables;
  /// empty for dense targets.
  func costs(of sequence: CachedSequence, at index: Int) throws(ShardError) -> [Double] {
    let codec = codecs[try part(at: index)]
    guard var meter = codec.meter else { return [] }
    try codec.measure(sequence, &meter)
    return meter.bits
  }

  private func file(of shard: ShardPlace) throws(ShardError) -> ShardFile {
    try recent.file(shard.number) { () throws(ShardError) in
      try Self.open(shard.place, of: manifest.parts[shard.part], in: directory, codecs[shard.part])
    }
  }

  /// The parts of a cache, of which nothing but the manifest need be whole.
  public static func parts(in url: URL) throws(ShardError) -> [CachePart] {
    try manifest(in: CacheDirectory(url)).parts
  }

  /// The manifest of a folder, checked against `SHA256SUMS`.
  static func manifest(in directory: CacheDirectory) throws(ShardError) -> CacheManifest {
    if let manifest = try directory.validManifest() { return manifest }
    let begun =
      directory.exists(CacheDirectory.capture) || directory.exists(CacheDirectory.shard(0))
    throw begun
      ? .unfinished(path: directory.path)
      : .missing(path: directory.path(CacheDirectory.manifest))
  }

  /// The codec of the frames of a part.
  static func codec(
    of part: CachePart, _ number: Int, in directory: CacheDirectory
  ) throws(ShardError) -> FrameCodec {
    let tables = try TablesFile.load(directory, part.capture, part: number)
    do { return try FrameCodec(part.capture, tables: tables) } catch {
      throw .corrupt(path: directory.path(CacheDirectory.manifest), reason: error.description)
    }
  }

  /// Opens a shard of a part and compares it with what the manifest states.
  static func open(
    _ place: Int, of part: CachePart, in directory: CacheDirectory, _ codec: FrameCodec
  ) throws(ShardError) -> ShardFile {
    let stated = part.shards[place]
    let path = directory.path(stated.file)
    let shard = try ShardFile(path, limits: codec.limits)
    guard shard.index.entries.count == stated.sequences,
      shard.index.recordCount == stated.tokens,
      shard.index.firstSequence == place * part.capture.sequencesPerShard,
      CaptureFingerprint(number: shard.index.capture).hexadecimal == part.fingerprint
    else {
      throw .corrupt(path: path, reason: "it is not the shard that the manifest describes")
    }
    return shard
  }
}

/// The shards that were read last, with their indexes, so that a reader's memory does not grow with
/// the cache.
final class RecentShards: Sendable {
  private struct State {
    var files: [Int: ShardFile] = [:]
    /// The numbers of those shards, the one that was opened first at the front.
    var numbers: [Int] = []
    var frames = 0
  }

  private let frameLimit: Int
  private let state = Mutex(State())

  /// Room for shards with so many frames in all, but for one shard at least; 2^17 take 13 MB.
  init(frameLimit: Int = 1 << 17) { self.frameLimit = frameLimit }

  /// The shard of a number, opened if it is not at hand.
  func file(
    _ number: Int, open: () throws(ShardError) -> ShardFile
  ) throws(ShardError) -> ShardFile {
    if let file = state.withLock({ $0.files[number] }) { return file }
    // Outside the lock: others read on meanwhile, and two may open the same.
    let file = try open()
    state.withLock { Self.keep(file, number, in: &$0, frameLimit) }
    return file
  }

  private static func keep(_ file: ShardFile, _ number: Int, in state: inout State, _ limit: Int) {
    guard state.files.updateValue(file, forKey: number) == nil else { return }
    state.numbers.append(number)
    state.frames += file.index.entries.count
    while state.frames > limit, state.numbers.count > 1 {
      let oldest = state.files.removeValue(forKey: state.numbers.removeFirst())
      state.frames -= oldest?.index.entries.count ?? 0
    }
  }
}
