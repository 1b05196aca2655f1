import Base
package import Foundation

extension PartBuilder {
  /// Makes a cache whose manifest is lost unfinished again, so that it can be built to its end.
  ///
  /// Its shards say which settings they were made under; unless that is these, nothing is touched.
  /// - Parameters:
  ///   - url: the folder of the cache, which must be of one part.
  ///   - capture: the settings that it was made under.
  ///   - tables: the coding tables of these settings.
  ///   - sequences: the number of its sequences.
  /// - Throws: `captureMismatch` if the shards are of other settings, `corrupt` if there are
  ///   several parts.
  package static func reclaim(
    directory url: URL, capture: CaptureConfig, tables: CodingTables?, sequences: Int
  ) throws(ShardError) {
    let directory = CacheDirectory(url)
    let (capture, file) = try capture.with(tables)
    let own = try CaptureFile(capture: capture, sequences: sequences)
    let codec = try FrameCodec(capture, tables: tables)
    let lock = try DirectoryLock(directory)
    try requireShards(of: own, in: directory, limits: codec.limits)
    try directory.store(PartPlace(capture: own, part: 0, firstShard: 0), tables: file)
    try directory.remove(CacheDirectory.manifest)
    try directory.remove(CacheDirectory.checksums)
    try directory.synchronize()
    _ = consume lock
  }

  private static func requireShards(
    of own: CaptureFile, in directory: CacheDirectory, limits: ShardIndex.Limits
  ) throws(ShardError) {
    let names = try directory.names()
    let path = directory.path(CacheDirectory.manifest)
    guard !names.contains(where: { CacheDirectory.tablesNumber($0) ?? 0 > 0 }) else {
      throw .corrupt(path: path, reason: "it is damaged, and the cache has several parts")
    }
    let shards = names.filter { CacheDirectory.shardNumber($0) != nil }
    let fingerprints = shards.compactMap { name in
      (try? ShardFile(directory.path(name), limits: limits)).map {
        CaptureFingerprint(number: $0.index.capture).hexadecimal
      }
    }
    guard let other = fingerprints.first(where: { $0 != own.fingerprint }) else {
      if !fingerprints.isEmpty { return }
      throw .missing(path: directory.path(CacheDirectory.shard(0)))
    }
    throw .captureMismatch(
      path: directory.path, key: "fingerprint", found: other, expected: own.fingerprint)
  }
}
