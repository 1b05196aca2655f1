package import Base
import Foundation
package import Shards
import Tensors
package import Text

/// Finds the τ of a capture that keeps to a budget.
///
/// What it looks at is a function of the teacher and the data, and so is τ: every worker and every
/// restart finds the same one. τ has three significant digits.
package struct ThresholdBudget {
  /// The least number of positions that expected entries are estimated from.
  static let positions = 4_096
  /// The thresholds to make frames with; more are tried where a budget lies below the last.
  private static let ladders = [
    [1, 0.7, 0.5, 0.35, 0.25, 0.17, 0.12, 0.08, 0.055, 0.037, 0.025, 0.017, 0.012, 0.008],
    [0.005, 0.0025, 0.0012, 0.0006, 0.0003, 0.0001],
  ]

  private let planner: CapturePlanner

  /// A search for the capture of some sequences; the τ that it names is ignored.
  package init(
    teacher: Teacher, sequences: [PackedSequence], capture: CaptureConfig, kinds: [UInt8]? = nil
  ) {
    planner = CapturePlanner(
      teacher: teacher, sequences: sequences, capture: capture, kinds: kinds)
  }

  /// The least τ that keeps to a budget.
  ///
  /// - Throws: `BudgetError` where no τ does, else `ShardError`.
  package func threshold(
    _ budget: CaptureBudget, progress: @escaping (Int) -> Void = { _ in }
  ) throws -> Double {
    switch budget {
    case .entriesPerToken(let entries): try threshold(entries: entries, progress)
    case .bytesPerToken(let bytes): try threshold(bytes: bytes, progress)
    }
  }

  // MARK: - Entries

  private func threshold(entries: Double, _ progress: (Int) -> Void) throws -> Double {
    let expected = try planner.expectedEntries(positions: Self.positions, progress)
    guard let threshold = expected.threshold(entries: entries) else {
      throw BudgetError.tooSmall(
        budget: .entriesPerToken(entries), least: expected.mean(threshold: 1))
    }
    return threshold
  }

  // MARK: - Bytes

  /// Between thresholds that frames were made with, bytes follow a power of τ closely.
  private func threshold(bytes: Double, _ progress: @escaping (Int) -> Void) throws -> Double {
    var (before, sizes) = (0, [CapturePlan.Size]())
    for ladder in Self.ladders where sizes.last.map({ $0.bytesPerToken <= bytes }) ?? true {
      sizes += try self.sizes(ladder, from: &before, progress)
    }
    guard let largest = sizes.first, largest.bytesPerToken <= bytes else {
      throw BudgetError.tooSmall(
        budget: .bytesPerToken(bytes),
        least: spelled(sizes.first?.bytesPerToken ?? 0, insteadOf: bytes))
    }
    return Self.interpolated(sizes, bytes: bytes)
  }

  /// The bytes a token where the manifest spells them as the budget, maybe with more digits.
  private func spelled(_ least: Double, insteadOf budget: Double) -> Double {
    let digits = max(0, BudgetError.up(least).count - "\(budget)".count)
    let tokens = planner.sequences.reduce(0) { $0 + $1.predictionCount }
    return least + Double(digits) / Double(max(1, tokens))
  }

  private func sizes(
    _ thresholds: [Double], from before: inout Int, _ progress: @escaping (Int) -> Void
  ) throws -> [CapturePlan.Size] {
    let temperature = planner.capture.codec.temperature
    let codecs = thresholds.map { CacheCodec.threshold(threshold: $0, temperature: temperature) }
    let (base, capture) = (before, planner.capture.with(codecs[0]))
    var seen = 0
    let sizes = try CapturePlanner(
      teacher: planner.teacher, sequences: planner.sequences, capture: capture,
      kinds: planner.kinds
    ).plan(others: Array(codecs.dropFirst()), limit: .init(positions: 0)) {
      seen = $0
      progress(base + $0)
    }.sizes
    before += seen
    return sizes
  }

  private static func threshold(of size: CapturePlan.Size?) -> Double { size?.codec.threshold ?? 1 }

  /// The τ at which the bytes reach the budget, rounded up.
  static func interpolated(_ sizes: [CapturePlan.Size], bytes: Double) -> Double {
    for (low, high) in zip(sizes, sizes.dropFirst()) where high.bytesPerToken > bytes {
      let span = log(high.bytesPerToken / low.bytesPerToken)
      let part = span > 0 ? max(0, log(bytes / low.bytesPerToken) / span) : 0
      let (from, to) = (threshold(of: low), threshold(of: high))
      return RoundThreshold.atLeast(from * pow(to / from, part))
    }
    return threshold(of: sizes.last)
  }
}

/// Why no threshold keeps to a budget.
package enum BudgetError: Error, CustomStringConvertible {
  /// Even τ = 1 stores more.
  case tooSmall(budget: CaptureBudget, least: Double)

  /// One line: the option, what was asked for, and what there is.
  package var description: String {
    switch self {
    case .tooSmall(.entriesPerToken(let entries), let least):
      "--entries-per-token \(entries): even τ = 1 keeps \(Self.up(least)); ask for at least that"
    case .tooSmall(.bytesPerToken(let bytes), let least):
      "--bytes-per-token \(bytes): even τ = 1 takes \(Self.up(least)); ask for at least that,"
        + " or cache more tokens, which share the fixed costs"
    }
  }

  /// Rounded up to two decimals, so that what is named is enough.
  static func up(_ value: Double) -> String { "\((value * 100).rounded(.up) / 100)" }
}

extension BudgetError: ExitStatusError {
  package var exitStatus: ExitStatus { .willNotFit }
}
