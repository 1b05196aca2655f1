import Foundation
public import Shards
import Tensors
public import Text

/// Finds the τ of a capture that keeps to a budget.
///
/// What it looks at is a function of the teacher and the data, and so is τ: every worker and every
/// restart finds the same one. τ has three significant digits.
public struct ThresholdBudget {
  /// The positions that are looked at, at least, beyond those of the tables' calibration.
  static let positions = 4_096
  /// A row of thresholds for a first look; more are tried where a budget lies below the last.
  private static let ladders = [
    [1, 0.4, 0.2, 0.1, 0.05, 0.025, 0.0125, 0.006], [0.003, 0.0015, 0.0007, 0.0003, 0.0001],
  ]

  private let planner: CapturePlanner

  /// A search for the capture of some sequences; the τ that it names is of no account.
  public init(teacher: Teacher, sequences: [PackedSequence], capture: CaptureConfig) {
    planner = CapturePlanner(teacher: teacher, sequences: sequences, capture: capture)
  }

  /// The least τ that keeps to a budget.
  ///
  /// - Throws: `BudgetError` where no τ does, else `ShardError`.
  public func threshold(
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

  /// Two looks: thresholds far apart, and then between the two that the budget lies between.
  ///
  /// The bytes between neighbours follow a power of τ closely; rounding τ up keeps to the budget.
  private func threshold(bytes: Double, _ progress: @escaping (Int) -> Void) throws -> Double {
    var (before, sizes) = (0, [CapturePlan.Size]())
    for ladder in Self.ladders where sizes.last.map({ $0.bytesPerToken <= bytes }) ?? true {
      sizes += try self.sizes(ladder, from: &before, progress)
    }
    guard let largest = sizes.first, largest.bytesPerToken <= bytes else {
      throw BudgetError.tooSmall(
        budget: .bytesPerToken(bytes), least: sizes.first?.bytesPerToken ?? 0)
    }
    guard let above = sizes.firstIndex(where: { $0.bytesPerToken > bytes }) else {
      return Self.threshold(of: sizes.last)
    }
    let bracket = [sizes[above - 1], sizes[above]].map { Self.threshold(of: $0) }
    let steps = (1...5).map {
      bracket[0] * pow(bracket[1] / bracket[0], Double($0) / 6)
    }
    sizes = [sizes[above - 1]] + (try self.sizes(steps, from: &before, progress)) + [sizes[above]]
    return Self.interpolated(sizes, bytes: bytes)
  }

  private func sizes(
    _ thresholds: [Double], from before: inout Int, _ progress: @escaping (Int) -> Void
  ) throws -> [CapturePlan.Size] {
    let temperature = planner.capture.codec.temperature
    let codecs = thresholds.map { CacheCodec.threshold(threshold: $0, temperature: temperature) }
    let (base, capture) = (before, planner.capture.with(codecs[0]))
    var seen = 0
    let sizes = try CapturePlanner(
      teacher: planner.teacher, sequences: planner.sequences, capture: capture
    ).plan(others: Array(codecs.dropFirst()), limit: .init(positions: Self.positions)) {
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
      let span = high.bytesPerToken - low.bytesPerToken
      let part = span > 0 ? max(0, (bytes - low.bytesPerToken) / span) : 0
      let (from, to) = (threshold(of: low), threshold(of: high))
      return RoundThreshold.atLeast(from * pow(to / from, part))
    }
    return threshold(of: sizes.last)
  }
}
