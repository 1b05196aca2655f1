import Base
package import Foundation

/// Puts the parts of several caches of one teacher together in a new cache.
///
/// Shards are copied as they are; their hashes are checked on the way. A merge that was killed goes
/// on when it is begun again.
package enum CacheMerger {
  /// Merges finished caches, in the order given.
  ///
  /// - Parameters:
  ///   - sources: the folders of the caches, which stay as they are.
  ///   - url: the folder of the new cache.
  ///   - threads: how many files are copied at once.
  ///   - progress: told the number of files copied and of all, from one thread at a time.
  /// - Returns: the manifest of the new cache.
  /// - Throws: `incompatible` naming the key in which two caches differ, `partTwice`, `notACache`
  ///   if the new folder holds something else, `corrupt` naming a damaged file.
  package static func merge(
    _ sources: [URL], into url: URL, threads: Int,
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(ShardError) -> CacheManifest {
    var parts: [(part: CachePart, number: Int, directory: CacheDirectory)] = []
    for source in sources {
      let directory = CacheDirectory(source)
      for (number, part) in try CacheReader.manifest(in: directory).parts.enumerated() {
        if let first = parts.first { try require(part, directory, goesWith: first.part) }
        if let twin = parts.first(where: { $0.part.fingerprint == part.fingerprint }) {
          throw .partTwice(path: directory.path, earlier: twin.directory.path)
        }
        parts.append((part, number, directory))
      }
    }
    guard !parts.isEmpty else { throw .invalidSetting(name: "merge", reason: "name a cache") }
    let manifest = CacheManifest(parts: parts.map(\.part))
    var copies: [FileCopy] = []
    for (number, source) in parts.enumerated() {
      copies += FileCopy.all(of: source.part, source.number, in: source.directory)
        .renamed(as: manifest.parts[number], number)
    }
    return try copy(copies, as: manifest, into: CacheDirectory(url), threads, progress)
  }

  private static func require(
    _ part: CachePart, _ directory: CacheDirectory, goesWith first: CachePart
  ) throws(ShardError) {
    guard let conflict = try first.capture.firstConflict(with: part.capture) else { return }
    throw .incompatible(
      path: directory.path, key: conflict.key, found: conflict.found, other: conflict.expected)
  }

  private static func copy(
    _ copies: [FileCopy], as manifest: CacheManifest, into target: CacheDirectory,
    _ threads: Int, _ progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
  ) throws(ShardError) -> CacheManifest {
    try target.create()
    let lock = try DirectoryLock(target)
    // One who merges the same again finds the work done.
    if let done = try target.settle(lock), done == manifest { return done }
    try refuseStrangers(in: target, but: copies)
    let results = Parallel.map(
      copies.count, threads: threads, progress: { progress($0, copies.count) },
      { index in
        Result { () throws(ShardError) in try copies[index].run(into: target) }
      })
    for result in results { try result.get() }
    try target.publish(manifest, lock)
    return manifest
  }

  private static func refuseStrangers(
    in target: CacheDirectory, but copies: [FileCopy]
  ) throws(ShardError) {
    let own = copies.map(\.target) + [CacheDirectory.checksums]
    let temporary = (own + [CacheDirectory.manifest]).map { $0 + CacheDirectory.temporarySuffix }
    let allowed = Set(own + temporary + [CacheDirectory.lock])
    guard let stranger = try target.names().first(where: { !allowed.contains($0) }) else { return }
    throw .notACache(path: target.path, found: stranger)
  }
}

/// The copy of a cache's file, of which the SHA-256 is known, into another folder.
struct FileCopy: Sendable {
  /// The folder of the file.
  let directory: CacheDirectory
  /// Its name there.
  let source: String
  /// Its name in the other folder.
  var target: String
  /// Its SHA-256 in hexadecimal.
  let sha256: String

  /// The files of a part, still under their own names.
  static func all(of part: CachePart, _ number: Int, in directory: CacheDirectory) -> [FileCopy] {
    let tables = part.capture.tablesSHA256.map { [(CacheDirectory.tables(number), $0)] } ?? []
    return (tables + part.shards.map { ($0.file, $0.sha256) }).map {
      FileCopy(directory: directory, source: $0.0, target: $0.0, sha256: $0.1)
    }
  }

  /// Copies the file unless it is there already.
  func run(into folder: CacheDirectory) throws(ShardError) {
    if folder.exists(target), (try? ShardFile.digest(folder.path(target)))?.sha256 == sha256 {
      return
    }
    // Outside of the catch, which must not remove what another process has claimed.
    let temporary = try OpenFile(creating: folder.path(target + CacheDirectory.temporarySuffix))
    do throws(ShardError) {
      try copy(to: temporary)
      try folder.commit(target)
    } catch {
      unlink(temporary.path)
      throw error
    }
  }

  private func copy(to: borrowing OpenFile) throws(ShardError) {
    let from = try OpenFile(reading: directory.path(source))
    var (hash, offset) = (Digest(), 0)
    let size = try from.size()
    while offset < size {
      let piece = try from.read(at: offset, count: min(1 << 20, size - offset))
      guard !piece.isEmpty else { break }
      hash.append(piece)
      try to.write(piece)
      offset += piece.count
    }
    guard hash.hexadecimal == sha256 else {
      throw .corrupt(
        path: from.path, reason: "its SHA-256 is not the one that the manifest states")
    }
    try to.synchronize()
  }
}

extension [FileCopy] {
  /// The files of a part under the names that they have in another cache.
  func renamed(as part: CachePart, _ number: Int) -> [FileCopy] {
    let names = FileCopy.all(of: part, number, in: CacheDirectory(path: "")).map(\.source)
    return zip(self, names).map { copy, name in
      var copy = copy
      copy.target = name
      return copy
    }
  }
}
