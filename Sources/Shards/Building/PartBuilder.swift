import Base
package import Foundation

/// A part of a cache in the making, on which any number of processes and machines work.
///
/// Work is split in units: a unit is the sequences of one shard file. Processes do not talk; each
/// claims the units that it makes (a lock that dies with it), finds those that are there already,
/// and leaves the manifest to `commit`. Every unit is the same bytes whoever makes it.
package struct PartBuilder: Sendable {
  /// The outcome of a claim of a unit.
  package enum Claim: ~Copyable {
    /// The unit is this process's to make.
    case granted(ShardWriter)
    /// The unit is there already.
    case finished(CacheManifest.Shard)
    /// Another process is making it.
    case elsewhere
  }

  /// Packs sequences into frames; copies of it may work on other threads.
  package let codec: FrameCodec
  /// The manifest, if the cache has this part already; then there is nothing to make.
  package let finished: CacheManifest?
  /// The sequences of the part; nil where its writer learns the number at the end.
  package let sequences: Int?

  /// The folder of the cache.
  let directory: CacheDirectory
  /// The part's settings.
  let capture: CaptureConfig
  /// The fingerprint of the settings.
  let fingerprint: CaptureFingerprint
  /// The number of the part, and of its first shard, in the cache.
  let (part, firstShard): (Int, Int)

  /// Begins a part in a folder, or joins those who work on it.
  ///
  /// - Parameters:
  ///   - url: the folder of the cache; it is created if need be.
  ///   - capture: the settings, which must be those that an unfinished part was begun with.
  ///   - tables: the coding tables; sparse codecs need them.
  ///   - sequences: the sequences of the part, which must be known if several processes work on it.
  ///   - appending: whether the part is to follow those of a finished cache.
  /// - Throws: `captureMismatch` naming the key that differs, `incompatible` for a part that cannot
  ///   follow the others, `notACache` if the folder holds something else.
  package init(
    directory url: URL, capture: CaptureConfig, tables: CodingTables?, sequences: Int?,
    appending: Bool = false
  ) throws(ShardError) {
    let codec = try FrameCodec(capture, tables: tables)
    let (capture, file) = try capture.with(tables)
    let own = try CaptureFile(capture: capture, sequences: sequences)
    let directory = CacheDirectory(url)
    let place = try directory.begin(own, tables: file, appending: appending)
    try self.init(directory, codec, place)
  }

  /// Joins the work on the part that a folder's `capture.json` describes, to commit it.
  ///
  /// - Throws: `missing` where nothing is being made, `unfinished` where not even the tables are.
  init(unfinished directory: CacheDirectory) throws(ShardError) {
    let file = try CaptureFile(directory)
    let manifest = try directory.validManifest()
    let place = PartPlace(
      capture: file, part: manifest?.parts.count ?? 0, firstShard: manifest?.shards.count ?? 0)
    let tables: CodingTables?
    do throws(ShardError) {
      tables = try TablesFile.load(directory, file.capture, part: place.part)
    } catch {
      throw .unfinished(path: directory.path)
    }
    try self.init(directory, try FrameCodec(file.capture, tables: tables), place)
  }

  /// A builder of the part at a place of a folder.
  init(_ directory: CacheDirectory, _ codec: FrameCodec, _ place: PartPlace) throws(ShardError) {
    guard let fingerprint = CaptureFingerprint(hexadecimal: place.capture.fingerprint) else {
      throw .corrupt(path: directory.path, reason: "its fingerprint is no number")
    }
    self.directory = directory
    self.codec = codec
    self.fingerprint = fingerprint
    capture = place.capture.capture
    sequences = place.capture.sequences
    part = place.part
    firstShard = place.firstShard
    finished = place.finished
  }

  /// The number of units; nil where the number of sequences is not known.
  package var unitCount: Int? {
    sequences.map { ($0 + capture.sequencesPerShard - 1) / capture.sequencesPerShard }
  }

  /// The sequences of a unit, by their numbers in the part.
  package func sequences(of unit: Int) -> Range<Int> {
    let first = unit * capture.sequencesPerShard
    return first..<min(first + capture.sequencesPerShard, max(sequences ?? .max, first))
  }

  /// Claims a unit.
  package func claim(_ unit: Int) throws(ShardError) -> Claim {
    if let shard = try shard(of: unit) { return .finished(shard) }
    guard let writer = try writer(of: unit) else { return .elsewhere }
    // Its maker may have finished it just before the claim was free.
    guard let shard = try shard(of: unit) else { return .granted(writer) }
    writer.discard()
    return .finished(shard)
  }

  /// Claims a unit whether or not it is there; nil if another process has it.
  func writer(of unit: Int) throws(ShardError) -> ShardWriter? {
    try ShardWriter.claim(
      directory, name: name(of: unit), capture: fingerprint,
      firstSequence: sequences(of: unit).lowerBound)
  }

  /// The name of a unit's file.
  func name(of unit: Int) -> String { CacheDirectory.shard(firstShard + unit) }

  /// A unit's file if it is there and whole; nil if it has to be made.
  func shard(of unit: Int) throws(ShardError) -> CacheManifest.Shard? {
    let (name, expected) = (name(of: unit), sequences(of: unit))
    guard directory.exists(name) else { return nil }
    let path = directory.path(name)
    guard let shard = try? ShardFile(path, limits: codec.limits),
      shard.index.capture == fingerprint.number,
      shard.index.firstSequence == expected.lowerBound,
      sequences == nil
        ? shard.index.entries.count <= capture.sequencesPerShard
        : shard.index.entries.count == expected.count,
      let digest = try? shard.digestOfWholeFrames()
    else { return nil }
    return shard.index.shard(name, bytes: digest.bytes, sha256: digest.sha256)
  }
}

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
