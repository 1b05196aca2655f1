package import Foundation

/// The mending of a part: which of its files have to be made again, and the claims to make them.
///
/// Mended files must have the bytes that the manifest states; only where their maker insists on
/// another arithmetic may they differ, and then the manifest records it.
package struct CacheRepair: Sendable {
  /// The findings of the check of the cache.
  package let report: VerificationReport
  /// The units of the part that have to be made again.
  package let units: [Int]
  /// Whether the part's coding tables have to be made again.
  package let needsTables: Bool
  /// Whether the files are made under another arithmetic than the part's.
  let isForeign: Bool

  private let directory: CacheDirectory
  private let manifest: CacheManifest
  private let number: Int
  private let firstShard: Int
  private let arithmetic: [String: String]
  private var replaced: [Int: CacheManifest.Shard] = [:]

  private var part: CachePart { manifest.parts[number] }

  /// Checks a cache and finds the part that some settings belong to.
  ///
  /// - Parameters:
  ///   - url: the folder of the cache, which must have a manifest.
  ///   - capture: the settings that the part was made under.
  ///   - sequences: the number of the part's sequences.
  ///   - force: whether another arithmetic will do.
  ///   - threads: how many shards are read at once.
  ///   - progress: told the number of shards read and of all, from one thread at a time.
  /// - Throws: `captureMismatch` naming the key that differs, `otherArithmetic`.
  package init(
    directory url: URL, capture: CaptureConfig, sequences: Int, force: Bool, threads: Int,
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(ShardError) {
    directory = CacheDirectory(url)
    // What a killed writer has left to tidy up is no damage.
    let lock = try DirectoryLock(directory)
    _ = try? directory.settle(lock)
    _ = consume lock
    let found = try ManifestRecovery(directory).manifest
    guard let manifest = found else {
      throw .missing(path: directory.path(CacheDirectory.manifest))
    }
    let place = try Self.place(of: capture, in: manifest, directory)
    number = place.part
    firstShard = place.firstShard
    self.manifest = manifest
    let part = manifest.parts[number]
    guard part.sequences == sequences else {
      throw .captureMismatch(
        path: directory.path, key: "sequences", found: "\(part.sequences)",
        expected: "\(sequences)")
    }
    isForeign = part.capture.arithmetic != capture.arithmetic
    if isForeign, !force {
      throw .otherArithmetic(
        path: directory.path, found: Self.text(part.capture.arithmetic),
        expected: Self.text(capture.arithmetic))
    }
    arithmetic = capture.arithmetic
    report = CacheVerifier.verify(url, threads: threads, progress: progress)
    let shards = firstShard..<firstShard + part.shards.count
    units = report.damagedUnits.filter { shards.contains($0) }.map { $0 - shards.lowerBound }
    let tables = CacheDirectory.tables(number)
    needsTables = report.damaged.contains { $0.file == tables }
  }

  /// Whether the manifest of a folder can be had, as it is or from what its shards say.
  package static func hasManifest(_ url: URL) throws(ShardError) -> Bool {
    do throws(ShardError) { return try ManifestRecovery(CacheDirectory(url)).manifest != nil } catch
    {
      if case .corrupt = error { return false }
      throw error
    }
  }

  private static func text(_ arithmetic: [String: String]) -> String {
    arithmetic.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  /// The number of the part with these settings, and of its first shard.
  private static func place(
    of capture: CaptureConfig, in manifest: CacheManifest, _ directory: CacheDirectory
  ) throws(ShardError) -> (part: Int, firstShard: Int) {
    var firstShard = 0
    var mismatch: ShardError?
    for (number, part) in manifest.parts.enumerated() {
      var wanted = capture
      wanted.tablesSHA256 = part.capture.tablesSHA256
      wanted.arithmetic = part.capture.arithmetic
      do throws(ShardError) {
        try part.capture.require(wanted, directory.path(CacheDirectory.manifest))
        return (number, firstShard)
      } catch {
        mismatch = error
      }
      firstShard += part.shards.count
    }
    throw mismatch ?? .missing(path: directory.path)
  }

  /// Puts the part's tables back in place; throws `otherBytes` if they are not what they were.
  package func restore(_ tables: CodingTables?) throws(ShardError) {
    guard needsTables, let tables else { return }
    let name = CacheDirectory.tables(number)
    let bytes = try TablesFile.encode(tables)
    guard TablesFile.digest(bytes) == part.capture.tablesSHA256 else {
      throw .otherBytes(path: directory.path(name))
    }
    let lock = try DirectoryLock(directory)
    try directory.write(bytes, to: name)
    _ = consume lock
  }

  /// The codec of the part's frames; needs whole tables.
  package func codec() throws(ShardError) -> FrameCodec {
    try CacheReader.codec(of: part, number, in: directory)
  }

  /// The sequences of a unit, by their numbers in the part.
  package func sequences(of unit: Int) -> Range<Int> {
    let first = unit * part.capture.sequencesPerShard
    return first..<first + part.shards[unit].sequences
  }

  /// Claims a unit; throws `locked` if another process is making it.
  package func writer(of unit: Int) throws(ShardError) -> ShardWriter {
    guard let fingerprint = CaptureFingerprint(hexadecimal: part.fingerprint),
      let writer = try ShardWriter.claim(
        directory, name: part.shards[unit].file, capture: fingerprint,
        firstSequence: sequences(of: unit).lowerBound)
    else { throw .locked(path: directory.path(part.shards[unit].file)) }
    return writer
  }

  /// Puts a unit in place; throws `otherBytes` if it is not what it was, and must be.
  package mutating func replace(
    _ unit: Int, with writer: consuming ShardWriter
  ) throws(ShardError) {
    replaced[unit] = try writer.finish(expecting: isForeign ? nil : part.shards[unit].sha256)
  }

  /// Writes the sums, and the manifest with what it has to record.
  ///
  /// A part whose shards are all as they were gets the bytes that it had.
  package func finish() throws(ShardError) {
    let lock = try DirectoryLock(directory)
    // Whoever has added a part meanwhile must not lose it.
    if let now = try? directory.settle(lock), now != manifest {
      throw .locked(path: directory.path)
    }
    var parts = manifest.parts
    var (shards, foreign) = (part.shards, part.foreignShards ?? [])
    for (unit, shard) in replaced where shard != shards[unit] {
      shards[unit] = shard
      foreign.removeAll { $0.file == shard.file }
      foreign.append(.init(file: shard.file, arithmetic: arithmetic))
    }
    parts[number] = try part.with(
      shards, foreign: foreign.isEmpty ? nil : foreign.sorted { $0.file < $1.file })
    try directory.publish(
      CacheManifest(parts: parts), keepingCapture: true, lock)
  }
}

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

extension CachePart {
  /// The part with other shards.
  fileprivate func with(
    _ shards: [CacheManifest.Shard], foreign: [ForeignShard]?
  ) throws(ShardError) -> CachePart {
    guard let fingerprint = CaptureFingerprint(hexadecimal: fingerprint) else {
      throw .corrupt(path: CacheDirectory.manifest, reason: "a part has no fingerprint")
    }
    return CachePart(
      capture: capture, fingerprint: fingerprint, shards: shards, tablesBytes: tablesBytes,
      foreignShards: foreign)
  }
}
