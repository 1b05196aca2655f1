import Base
package import Foundation

extension PartBuilder {
  /// Checks that every unit is there and whole, and writes the sums and the manifest last.
  ///
  /// - Parameters:
  ///   - known: the units that this process made or checked; the others are read.
  ///   - threads: how many units are read at once.
  ///   - progress: told the number of units that were checked, from one thread at a time.
  /// - Returns: the manifest of the whole cache.
  /// - Throws: `unitsMissing` naming the units that have to be made.
  package func commit(
    known: [Int: CacheManifest.Shard] = [:], threads: Int,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(ShardError) -> CacheManifest {
    guard let unitCount else { throw .unfinished(path: directory.path) }
    let found = Parallel.map(unitCount, threads: threads, progress: progress) { unit in
      known[unit] ?? (try? shard(of: unit))
    }
    let missing = found.indices.filter { found[$0] == nil }
    guard missing.isEmpty else {
      throw .unitsMissing(path: directory.path, units: missing, of: unitCount)
    }
    return try commit(found.compactMap { $0 })
  }

  /// Writes the manifest of the shards of the whole part.
  func commit(_ shards: [CacheManifest.Shard]) throws(ShardError) -> CacheManifest {
    let lock = try DirectoryLock(directory)
    let manifest = try directory.settle(lock)
    // Another process may have been quicker.
    if let manifest, manifest.parts.contains(where: { $0.fingerprint == fingerprint.hexadecimal }) {
      return manifest
    }
    guard manifest?.shards.count ?? 0 == firstShard else { throw .locked(path: directory.path) }
    let part = CachePart(
      capture: capture, fingerprint: fingerprint, shards: shards, tablesBytes: try tablesBytes())
    let whole = CacheManifest(parts: (manifest?.parts ?? []) + [part])
    try directory.publish(whole, lock)
    return whole
  }

  /// The size of the part's tables.
  func tablesBytes() throws(ShardError) -> Int {
    guard capture.tablesSHA256 != nil else { return 0 }
    return try OpenFile(reading: directory.path(CacheDirectory.tables(part))).size()
  }

  /// Commits the part that is being made in a folder, with nothing but what lies there.
  ///
  /// A finished cache is left as it is.
  /// - Throws: `unitsMissing` naming the units that have to be made; `missing` for no cache at all,
  ///   `corrupt` for a finished one that lacks a file.
  package static func commit(
    directory url: URL, threads: Int, progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(ShardError) -> CacheManifest {
    let directory = CacheDirectory(url)
    if !directory.isBeingChanged {
      guard let manifest = try directory.validManifest() else {
        throw .missing(path: directory.path(CacheDirectory.capture))
      }
      try directory.requireFiles(of: manifest)
      return manifest
    }
    if let manifest = try settled(directory) {
      try directory.requireFiles(of: manifest)
      return manifest
    }
    return try PartBuilder(unfinished: directory).commit(threads: threads, progress: progress)
  }

  /// The manifest if, once what was cut short is finished, nothing is being made.
  private static func settled(_ directory: CacheDirectory) throws(ShardError) -> CacheManifest? {
    let lock = try DirectoryLock(directory)
    let manifest = try directory.settle(lock)
    return directory.exists(CacheDirectory.capture) ? nil : manifest
  }
}
