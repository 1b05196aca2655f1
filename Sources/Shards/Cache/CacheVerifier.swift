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
