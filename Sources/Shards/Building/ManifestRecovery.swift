import Base

/// Finds the manifest of a cache where it and the sums beside it contradict each other.
///
/// One of the two has changed. What the shards themselves say decides, and the hash of the manifest
/// that the sums state, if it is not that which has changed.
struct ManifestRecovery {
  /// The manifest; nil where there is none to be had from what lies in the folder.
  let manifest: CacheManifest?

  /// Looks at a folder; throws `corrupt` where the manifest has changed beyond recovery.
  init(_ directory: CacheDirectory) throws(ShardError) {
    if let valid = try? directory.validManifest() {
      manifest = valid
      return
    }
    guard directory.exists(CacheDirectory.manifest) else {
      manifest = nil
      return
    }
    let path = directory.path(CacheDirectory.manifest)
    let bytes = try directory.read(CacheDirectory.manifest)
    let stated = try CacheManifest(bytes, path: path)
    let sums = (try? directory.read(CacheDirectory.checksums)) ?? []
    let observed = Self.observed(stated, directory)
    for candidate in [stated, observed]
    where try Self.isNamed(try CacheJSON.encode(candidate), in: sums) {
      manifest = candidate
      return
    }
    // The sums name neither: they are what has changed, if all that can be checked agrees.
    guard observed == stated, try CacheJSON.encode(stated) == bytes else {
      throw .corrupt(
        path: path, reason: "it has changed, and \(CacheDirectory.checksums) does not tell how")
    }
    manifest = stated
  }

  /// Whether sums begin with the hash of these bytes.
  private static func isNamed(_ bytes: [UInt8], in sums: [UInt8]) throws(ShardError) -> Bool {
    let line = Digest(of: bytes).hexadecimal + "  " + CacheDirectory.manifest + "\n"
    return sums.starts(with: line.utf8)
  }

  /// The manifest with what its shards say of themselves, wherever they are whole.
  private static func observed(
    _ manifest: CacheManifest, _ directory: CacheDirectory
  ) -> CacheManifest {
    var firstShard = 0
    let parts = manifest.parts.enumerated().map { number, part in
      let seen = observed(part, number, firstShard: firstShard, directory)
      firstShard += part.shards.count
      return seen ?? part
    }
    return CacheManifest(parts: parts)
  }

  private static func observed(
    _ part: CachePart, _ number: Int, firstShard: Int, _ directory: CacheDirectory
  ) -> CachePart? {
    guard let file = try? CaptureFile(capture: part.capture, sequences: part.sequences),
      let fingerprint = CaptureFingerprint(hexadecimal: file.fingerprint),
      let codec = try? CacheReader.codec(of: part, number, in: directory),
      let builder = try? PartBuilder(
        directory, codec, PartPlace(capture: file, part: number, firstShard: firstShard)),
      let tables = try? builder.tablesBytes()
    else { return nil }
    let shards = part.shards.indices.map { unit in
      (try? builder.shard(of: unit)) ?? part.shards[unit]
    }
    return CachePart(
      capture: part.capture, fingerprint: fingerprint, shards: shards, tablesBytes: tables,
      foreignShards: part.foreignShards)
  }
}
