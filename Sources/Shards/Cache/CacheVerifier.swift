public import Foundation

/// What checking every byte of a cache brought to light.
public struct VerificationReport: Sendable, Equatable, Codable {
  /// Whether every byte is as it was written.
  public var ok: Bool { problems.isEmpty }
  /// The number of frames that were read.
  public internal(set) var frames: Int
  /// One line a problem, naming the file, and the frame where there is one.
  public internal(set) var problems: [String]
}

/// Checks every byte of a cache: all hashes, all structure, every frame decoded.
public enum CacheVerifier {
  /// Reads the whole cache and reports every problem; throws nothing, a missing folder is one too.
  public static func verify(_ url: URL) -> VerificationReport {
    let directory = CacheDirectory(url)
    var report = VerificationReport(frames: 0, problems: [])
    guard let manifest = report.attempt({ () throws(ShardError) in try unchecked(directory) })
    else { return report }
    checkSums(manifest, directory, &report)
    let codec = report.attempt { () throws(ShardError) in
      try FrameCodec(
        manifest.capture, tables: TablesFile.load(directory, manifest.capture))
    }
    var first = 0
    for shard in manifest.shards {
      checkShard(shard, firstSequence: first, directory, codec, &report)
      first += shard.sequences
    }
    return report
  }

  /// The manifest by itself, so that a damaged sum does not hide the state of the shards.
  private static func unchecked(_ directory: CacheDirectory) throws(ShardError) -> CacheManifest {
    guard directory.exists(CacheDirectory.manifest) else {
      return try CacheReader.manifest(in: directory)
    }
    return try CacheManifest(
      directory.read(CacheDirectory.manifest), path: directory.path(CacheDirectory.manifest))
  }

  private static func checkSums(
    _ manifest: CacheManifest, _ directory: CacheDirectory, _ report: inout VerificationReport
  ) {
    report.attempt { () throws(ShardError) in
      let bytes = try directory.read(CacheDirectory.manifest)
      let sums = try directory.read(CacheDirectory.checksums)
      guard sums != Checksums(manifest, manifestBytes: bytes).encoded else { return }
      throw .corrupt(
        path: directory.path(CacheDirectory.checksums),
        reason: "it does not agree with \(CacheDirectory.manifest); one of the two has changed")
    }
  }

  private static func checkShard(
    _ stated: CacheManifest.Shard, firstSequence: Int, _ directory: CacheDirectory,
    _ codec: FrameCodec?, _ report: inout VerificationReport
  ) {
    let path = directory.path(stated.file)
    report.attempt { () throws(ShardError) in
      let (bytes, sha256) = try ShardFile.digest(path)
      guard bytes != stated.bytes || sha256 != stated.sha256 else { return }
      throw .corrupt(
        path: path,
        reason: bytes == stated.bytes
          ? "its SHA-256 is not the one that the manifest states"
          : "it has \(bytes) bytes where the manifest states \(stated.bytes)")
    }
    // Without its tables a cache's frames cannot be decoded; the sums above are then all.
    guard let codec,
      let shard = report.attempt({ () throws(ShardError) in
        try CacheReader.open(path, stated, firstSequence: firstSequence, codec)
      })
    else { return }
    for frame in shard.index.entries.indices { checkFrame(frame, of: shard, codec, &report) }
  }

  private static func checkFrame(
    _ frame: Int, of shard: ShardFile, _ codec: FrameCodec, _ report: inout VerificationReport
  ) {
    report.frames += 1
    let entry = shard.index.entries[frame]
    report.attempt { () throws(ShardError) in
      let payload = try shard.payload(of: frame)
      try shard.unpack(frame) { () throws(FrameProblem) in
        let text = try codec.decode(payload: payload, identity: entry.identity).text
        guard text.recordCount == entry.recordCount else {
          throw FrameProblem(reason: "the index describes another sequence")
        }
      }
    }
  }
}

extension VerificationReport {
  /// Runs a check and keeps its error as a problem.
  @discardableResult
  fileprivate mutating func attempt<T>(_ check: () throws(ShardError) -> T) -> T? {
    do { return try check() } catch {
      problems.append(error.description)
      return nil
    }
  }
}
