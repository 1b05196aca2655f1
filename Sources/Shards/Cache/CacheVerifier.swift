import Base
package import Foundation

/// Checks every byte of a cache: all hashes, all structure, every frame decoded.
package enum CacheVerifier {
  /// Reads the whole cache and reports every problem; throws nothing, a missing folder is one too.
  ///
  /// - Parameters:
  ///   - url: the folder of the cache.
  ///   - threads: how many shards are read at once.
  ///   - progress: told the number of shards read and of all, from one thread at a time.
  /// - Returns: the findings.
  package static func verify(
    _ url: URL, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) -> VerificationReport {
    let directory = CacheDirectory(url)
    var report = VerificationReport()
    guard let manifest = manifest(directory, &report) else { return report }
    checkNames(manifest, directory, &report)
    var firstShard = 0
    for (number, part) in manifest.parts.enumerated() {
      let (done, total) = (firstShard, manifest.shards.count)
      check(part, number, firstShard: firstShard, directory, threads: threads, &report) {
        progress(done + $0, total)
      }
      firstShard += part.shards.count
    }
    return report
  }

  /// The manifest; where it and its sums disagree, that is a problem, and the manifest is taken by
  /// itself, so that the disagreement does not hide the state of the shards.
  private static func manifest(
    _ directory: CacheDirectory, _ report: inout VerificationReport
  ) -> CacheManifest? {
    if let manifest = try? directory.validManifest() { return manifest }
    let manifest = report.attempt(.init(file: CacheDirectory.manifest)) { () throws(ShardError) in
      guard directory.exists(CacheDirectory.manifest) else {
        return try CacheReader.manifest(in: directory)
      }
      return try CacheManifest(
        directory.read(CacheDirectory.manifest), path: directory.path(CacheDirectory.manifest))
    }
    guard manifest != nil else { return nil }
    report.attempt(.init(file: CacheDirectory.checksums)) { () throws(ShardError) in
      _ = try directory.read(CacheDirectory.checksums)
      throw .corrupt(
        path: directory.path(CacheDirectory.checksums),
        reason: "it does not agree with \(CacheDirectory.manifest); one of the two has changed")
    }
    return manifest
  }

  /// Checks that nothing lies in the folder that belongs to no part.
  private static func checkNames(
    _ manifest: CacheManifest, _ directory: CacheDirectory, _ report: inout VerificationReport
  ) {
    // While a part is being appended, its files are there before the manifest names them.
    guard !directory.isBeingChanged else { return }
    for name in (try? directory.names()) ?? [] {
      let number = CacheDirectory.shardNumber(name).map { ($0, manifest.shards.count) }
      let tables = CacheDirectory.tablesNumber(name).map { ($0, manifest.parts.count) }
      guard let (number, count) = number ?? tables, number >= count else { continue }
      report.note(
        "\(directory.path(name)): belongs to no part of this cache; remove it",
        at: .init(file: name))
    }
  }

  /// Checks a part's tables, shards and data.
  private static func check(
    _ part: CachePart, _ number: Int, firstShard: Int, _ directory: CacheDirectory, threads: Int,
    _ report: inout VerificationReport, progress: @escaping @Sendable (Int) -> Void
  ) {
    let tables = VerificationReport.Damage(file: CacheDirectory.tables(number))
    let codec = report.attempt(tables) { () throws(ShardError) in
      try CacheReader.codec(of: part, number, in: directory)
    }
    var digest: DataDigest? = DataDigest()
    // Some shards at a time, so that a part's tokens never lie in memory together.
    let step = 4 * max(threads, 1)
    for first in stride(from: 0, to: part.shards.count, by: step) {
      let count = min(step, part.shards.count - first)
      let checks = Parallel.map(
        count, threads: threads, progress: { progress(first + $0) },
        { place in
          ShardCheck(
            first + place, number: firstShard + first + place, of: part, in: directory, codec)
        })
      for check in checks {
        report.add(check.report)
        if let texts = check.texts { digest?.append(texts) } else { digest = nil }
      }
    }
    checkData(part, digest, directory, &report)
  }

  private static func checkData(
    _ part: CachePart, _ digest: DataDigest?, _ directory: CacheDirectory,
    _ report: inout VerificationReport
  ) {
    let stated = part.capture.dataFingerprint
    guard let digest, DataDigest.made(stated), digest.hexadecimal != stated else { return }
    let path = directory.path(CacheDirectory.manifest)
    report.note(
      "\(path): states data_fingerprint \(stated.prefix(12))…, its tokens have"
        + " \(digest.hexadecimal.prefix(12))…; build the cache again",
      at: .init(file: CacheDirectory.manifest))
  }
}

/// The findings of a check of every byte of a cache.
package struct VerificationReport: Sendable, Equatable {
  /// A place where a cache is not as it was written.
  package struct Damage: Sendable, Equatable, Encodable {
    /// The file's name.
    package var file: String
    /// The number of the shard, where it is one: what has to be made again.
    package var unit: Int?
    /// The frame of the shard, where only frames are damaged.
    package var frame: Int?
  }

  /// Whether every byte is as it was written.
  package var ok: Bool { problems.isEmpty }
  /// The number of frames that were read.
  package internal(set) var frames = 0
  /// One line a problem, naming the file, and the frame where there is one.
  package internal(set) var problems: [String] = []
  /// The damaged places, each once.
  package internal(set) var damaged: [Damage] = []

  /// The shards that have to be made again.
  package var damagedUnits: [Int] { Set(damaged.compactMap(\.unit)).sorted() }

  /// Runs a check and keeps its error as a problem of a place.
  @discardableResult
  mutating func attempt<T>(_ place: Damage, _ check: () throws(ShardError) -> T) -> T? {
    do { return try check() } catch {
      note(error.description, at: place)
      return nil
    }
  }

  /// Keeps a problem of a place.
  mutating func note(_ problem: String, at place: Damage) {
    problems.append(problem)
    if !damaged.contains(place) { damaged.append(place) }
  }

  /// Adds what was found elsewhere.
  mutating func add(_ other: VerificationReport) {
    frames += other.frames
    problems += other.problems
    damaged += other.damaged
  }
}

extension VerificationReport: Encodable {
  /// Encodes the verdict `ok`, and what it rests on.
  package func encode(to encoder: any Encoder) throws {
    try encoder.encode(["ok": ok, "frames": frames, "problems": problems, "damaged": damaged])
  }
}

/// The check of one shard file: its size and hash, its index, every frame decoded.
struct ShardCheck: Sendable {
  /// The findings.
  private(set) var report = VerificationReport()
  /// The bytes that the data's digest takes of the sequences; nil where a frame could not be read.
  private(set) var texts: [UInt8]? = []

  private let number: Int
  private let name: String

  /// Checks the shard at a place of its part, the shard of the given number in the cache.
  ///
  /// Without a codec, because the part's tables are damaged, the file's hash is all.
  init(
    _ place: Int, number: Int, of part: CachePart, in directory: CacheDirectory,
    _ codec: FrameCodec?
  ) {
    self.number = number
    name = part.shards[place].file
    let isWhole = checkDigest(part.shards[place], directory.path(name))
    let whole = VerificationReport.Damage(file: name, unit: number)
    let shard = codec.flatMap { codec in
      report.attempt(whole) { () throws(ShardError) in
        try CacheReader.open(place, of: part, in: directory, codec)
      }
    }
    if let codec, let shard {
      for frame in shard.index.entries.indices {
        check(frame, of: shard, codec)
      }
    } else {
      texts = nil
    }
    // A hash that fails with every frame whole: the index or a byte between is not as written.
    if !isWhole, report.damaged.isEmpty { report.damaged.append(whole) }
  }

  private mutating func checkDigest(_ stated: CacheManifest.Shard, _ path: String) -> Bool {
    do throws(ShardError) {
      let (bytes, sha256) = try ShardFile.digest(path)
      if bytes == stated.bytes, sha256 == stated.sha256 { return true }
      throw .corrupt(
        path: path,
        reason: bytes == stated.bytes
          ? "its SHA-256 is not the one that the manifest states"
          : "it has \(bytes) bytes where the manifest states \(stated.bytes)")
    } catch {
      report.problems.append(error.description)
      return false
    }
  }

  private mutating func check(_ frame: Int, of shard: ShardFile, _ codec: FrameCodec) {
    report.frames += 1
    let place = VerificationReport.Damage(file: name, unit: number, frame: frame)
    let text = report.attempt(place) { () throws(ShardError) in
      let payload = try shard.payload(of: frame)
      return try shard.unpack(frame) { () throws(FrameProblem) in
        let text = try codec.decode(
          payload: payload, identity: shard.index.entries[frame].identity
        ).text
        try shard.index.check(text, frame: frame)
        return text
      }
    }
    if let text { texts?.append(contentsOf: DataDigest.bytes(of: text)) } else { texts = nil }
  }
}
