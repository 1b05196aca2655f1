import Base
package import Foundation
package import Shards
import Tensors

extension CacheBuilder {
  /// The result of repairing a damaged cache.
  package struct Mended: Sendable {
    /// The numbers of the shards that were made again.
    package var units: [Int]
    /// Whether the coding tables were made again.
    package var tables: Bool
    /// The damage that is left, to parts with other data.
    package var report: VerificationReport
  }

  /// Makes the damaged and missing files of a cache again, from what they were made of.
  ///
  /// - Parameters:
  ///   - directory: the folder of the cache.
  ///   - force: whether to mend it under another arithmetic, which the manifest then records.
  ///   - progress: told the number of shards checked and of all, from one thread at a time.
  /// - Returns: what was mended; nil if the work was interrupted, the same command goes on.
  /// - Throws: `ShardError`.
  package func repair(
    directory: URL, force: Bool,
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> Mended? {
    let threads = Parallel.threadCount
    guard try CacheRepair.hasManifest(directory) else { return try rebuild(directory, progress) }
    var repair = try CacheRepair(
      directory: directory, capture: capture, sequences: sequences.count, force: force,
      threads: threads, progress: progress)
    guard !repair.report.ok else { return Mended(units: [], tables: false, report: repair.report) }
    var work = UnitWork(total: 0, calibration: Calibration(tables: nil))
    if repair.needsTables {
      guard let calibration = try calibrated() else { return nil }
      do { try repair.restore(calibration.tables) } catch ShardError.otherBytes {
        // Caches from before contexts shared tables have tables as for any number of records.
        try repair.restore(try tables(of: calibration.allAnswers, records: nil))
      }
      work.calibration = calibration
    }
    let codec = try repair.codec()
    for unit in repair.units {
      let writer = try repair.writer(of: unit)
      guard let whole = try fill(consume writer, repair.sequences(of: unit), codec, &work) else {
        return nil
      }
      try repair.replace(unit, with: whole)
    }
    try repair.finish()
    return Mended(
      units: repair.units, tables: repair.needsTables,
      report: CacheVerifier.verify(directory, threads: threads, progress: progress))
  }

  /// Builds a cache without a manifest to its end, from the shards that are whole.
  private func rebuild(
    _ directory: URL, _ progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
  ) throws -> Mended? {
    guard let calibration = try calibrated() else { return nil }
    try PartBuilder.reclaim(
      directory: directory, capture: capture, tables: calibration.tables,
      sequences: sequences.count)
    var made: [Int] = []
    let outcome = try build(directory: directory, calibration, onMade: { made.append($0) })
    switch outcome {
    case .finished:
      return Mended(
        units: made, tables: false,
        report: CacheVerifier.verify(
          directory, threads: Parallel.threadCount, progress: progress))
    case .interrupted, .shareDone: return nil
    case .leftToOthers: throw ShardError.locked(path: directory.path)
    }
  }
}

extension CacheBuilder.Mended: Encodable {
  /// Encodes what was made again, and what a check found then.
  package func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "ok": report.ok, "repaired": units, "tables": tables, "problems": report.problems,
      "damaged": report.damaged,
    ])
  }
}
