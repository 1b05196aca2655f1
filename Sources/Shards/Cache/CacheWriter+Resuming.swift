import Foundation

extension CacheWriter {
  /// The manifest of a complete cache; throws `captureMismatch` if it is another capture's.
  static func finishedManifest(
    _ directory: CacheDirectory, _ capture: CaptureConfig
  ) throws(ShardError) -> CacheManifest? {
    guard directory.exists(CacheDirectory.manifest) else { return nil }
    let path = directory.path(CacheDirectory.manifest)
    let manifest = try CacheManifest(directory.read(CacheDirectory.manifest), path: path)
    try requireSame(manifest.capture, capture, path)
    return manifest
  }

  /// Leaves the folder with the capture's settings and tables, and nothing half-written.
  static func begin(
    _ directory: CacheDirectory, _ capture: CaptureConfig, _ captureBytes: [UInt8],
    _ tables: [UInt8]?
  ) throws(ShardError) {
    try removeLeftovers(directory)
    let path = directory.path(CacheDirectory.capture)
    if directory.exists(CacheDirectory.capture) {
      let bytes = try directory.read(CacheDirectory.capture)
      let file = try CacheJSON.decode(CaptureFile.self, bytes, path: path)
      try requireSame(file.capture, capture, path)
    } else if let stranger = try directory.names().first(where: { $0 != CacheDirectory.tables }) {
      throw .notACache(path: directory.path, found: stranger)
    }
    if let tables, (try? directory.read(CacheDirectory.tables)) != tables {
      try directory.write(tables, to: CacheDirectory.tables)
    }
    if !directory.exists(CacheDirectory.capture) {
      try directory.write(captureBytes, to: CacheDirectory.capture)
    }
  }

  /// Removes the temporary files of a killed writer: names that this module gives, no others.
  private static func removeLeftovers(_ directory: CacheDirectory) throws(ShardError) {
    let own = [
      CacheDirectory.capture, CacheDirectory.manifest, CacheDirectory.checksums,
      CacheDirectory.tables,
    ]
    for name in try directory.names() where name.hasSuffix(CacheDirectory.temporarySuffix) {
      let final = String(name.dropLast(CacheDirectory.temporarySuffix.count))
      if own.contains(final) || isShard(final) { try directory.remove(name) }
    }
  }

  private static func isShard(_ name: String) -> Bool {
    guard name.hasPrefix("shard-"), name.hasSuffix(".kd.zst") else { return false }
    return Int(name.dropFirst(6).dropLast(7)).map { CacheDirectory.shard($0) == name } ?? false
  }

  private static func requireSame(
    _ found: CaptureConfig, _ expected: CaptureConfig, _ path: String
  ) throws(ShardError) {
    guard let difference = try CacheJSON.firstDifference(found, expected) else { return }
    throw .captureMismatch(
      path: path, key: difference.key, found: difference.found, expected: difference.expected)
  }

  /// The finished shards of a killed writer, each read and checked; the rest is removed.
  ///
  /// A shard that is whole but not full was the last of a run that ended while finishing; it is
  /// made again, so that the bytes do not depend on where the run was killed.
  static func wholeShards(
    _ directory: CacheDirectory, _ capture: CaptureConfig, _ fingerprint: UInt64,
    _ codec: FrameCodec
  ) throws(ShardError) -> [CacheManifest.Shard] {
    var shards: [CacheManifest.Shard] = []
    var sequences = 0
    while let shard = try wholeShard(
      directory, CacheDirectory.shard(shards.count), fingerprint, codec, first: sequences),
      shard.sequences == capture.sequencesPerShard
    {
      shards.append(shard)
      sequences += shard.sequences
    }
    let kept = Set(shards.map(\.file))
    for name in try directory.names() where isShard(name) && !kept.contains(name) {
      try directory.remove(name)
    }
    return shards
  }

  private static func wholeShard(
    _ directory: CacheDirectory, _ name: String, _ fingerprint: UInt64, _ codec: FrameCodec,
    first: Int
  ) throws(ShardError) -> CacheManifest.Shard? {
    guard directory.exists(name) else { return nil }
    let path = directory.path(name)
    guard let shard = try? ShardFile(path, limits: codec.limits),
      shard.index.capture == fingerprint, shard.index.firstSequence == first,
      shard.index.entries.indices.allSatisfy({ (try? shard.payload(of: $0)) != nil })
    else { return nil }
    let digest = try ShardFile.digest(path)
    return CacheManifest.Shard(
      file: name, sequences: shard.index.entries.count,
      tokens: shard.index.entries.reduce(0) { $0 + $1.recordCount }, bytes: digest.bytes,
      sha256: digest.sha256)
  }
}
