import CKernels
import Foundation

/// The sums of exponentials of some rows, one for each group of columns.
final class RowSums {
  private let rows, groups: Int
  private let sums: UnsafeMutablePointer<ck_exponential_sum>

  /// Sums of nothing.
  init(_ rows: Int, _ groups: Int) {
    self.rows = rows
    self.groups = groups
    sums = .allocate(capacity: rows * groups)
    sums.initialize(
      repeating: ck_exponential_sum(peak: -.infinity, sum: 0), count: rows * groups)
  }

  deinit { sums.deallocate() }

  /// Adds a block of columns to a group's sums of some rows, the first of which may be a later one.
  func add(
    _ rows: Int, _ columns: Int, _ block: UnsafePointer<Float>, scale: Float, _ group: Int,
    from first: Int = 0
  ) {
    for row in 0..<rows {
      ck_add_exponentials(
        columns, scale, block + row * LogitBlocks.width, sums + group * self.rows + first + row)
    }
  }

  /// The normalizer of a row over all groups, all of which were added at this scale.
  func normalizer(_ row: Int, scale: Float) -> ck_normalizer {
    let all = (0..<groups).map { sums[$0 * rows + row] }
    let peak = all.reduce(-Float.infinity) { max($0, $1.peak) }
    let sum = all.reduce(0.0) {
      $0 + $1.sum * exp(Double(scale) * (Double($1.peak) - Double(peak)))
    }
    return ck_normalizer(peak: peak, log_sum: Float(log(sum)))
  }
}
