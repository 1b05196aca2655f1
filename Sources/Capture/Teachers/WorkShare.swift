/// The units of a cache that one process makes, when several make it together.
///
/// Processes do not talk: worker i of n makes the units i, i + n, i + 2n, …
public struct WorkShare: Sendable, Equatable {
  /// All of the work.
  public static let whole = WorkShare(index: 0, count: 1)

  /// The worker's number, from 0.
  public let index: Int
  /// The number of workers.
  public let count: Int

  /// The share of a worker, 0 ≤ index < count.
  package init(index: Int, count: Int) {
    precondition((0..<count).contains(index), "worker \(index) of \(count)")
    self.index = index
    self.count = count
  }

  /// The worker's units.
  func units(of count: Int) -> [Int] { Array(stride(from: index, to: count, by: self.count)) }
}
