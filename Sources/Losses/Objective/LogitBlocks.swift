package import CKernels
import Foundation
import Tensors

/// The logits of some rows, block of columns by block: (blocks, rows, width).
///
/// With whole rows side by side, a block's rows would lie a multiple of the page size apart in most
/// vocabularies, and push each other out of the cache.
struct LogitBlocks {
  /// The columns of a block: 336 rows of them are a third of a megabyte.
  static let width = 256

  private let rows: Int
  private let vocabulary: Int
  private let storage: Storage

  /// Undefined logits for some rows.
  init(rows: Int, vocabulary: Int) {
    self.rows = rows
    self.vocabulary = vocabulary
    let blocks = (vocabulary + Self.width - 1) / Self.width
    storage = Storage(count: blocks * rows * Self.width)
  }

  /// The first row of the block that begins with these columns; rows are `width` apart.
  func base(of columns: Range<Int>) -> UnsafeMutablePointer<Float> {
    storage.base + columns.lowerBound * rows
  }

  /// The logits of one row.
  func row(_ index: Int) -> Row { Row(blocks: self, index: index) }

  /// One row of all blocks.
  struct Row {
    fileprivate let blocks: LogitBlocks
    fileprivate let index: Int

    /// All columns.
    var columns: Range<Int> { 0..<blocks.vocabulary }

    /// The logit of a column.
    subscript(column: Int) -> Float { pointer(to: column).pointee }

    /// The memory of a column's logit, followed by the rest of its block.
    func pointer(to column: Int) -> UnsafePointer<Float> {
      let block = column / LogitBlocks.width
      let start = (block * blocks.rows + index) * LogitBlocks.width
      return UnsafePointer(blocks.storage.base + start + column % LogitBlocks.width)
    }

    /// Runs `body` on the parts of some columns that lie together.
    func forEachRun(
      in columns: Range<Int>, _ body: (_ run: Range<Int>, UnsafePointer<Float>) -> Void
    ) {
      var first = columns.lowerBound
      while first < columns.upperBound {
        let end = min(columns.upperBound, (first / LogitBlocks.width + 1) * LogitBlocks.width)
        body(first..<end, pointer(to: first))
        first = end
      }
    }

    /// The exponentials of the scaled logits of all columns but some, which ascend.
    func exponentials(
      excluding columns: some Sequence<Int32>, scale: Float
    ) -> ck_exponential_sum {
      ck_exponential_sum(of: blocks.vocabulary, excluding: columns) { columns, sum in
        forEachRun(in: columns) { ck_add_exponentials($0.count, scale, $1, &sum) }
      }
    }
  }
}

extension ck_exponential_sum {
  /// The sum over all of 0 ..< count but some ids, which ascend, a run of neighbours at a time.
  ///
  /// Summed over the rest, not as a difference: where those ids hold nearly all, that would be
  /// rounding noise.
  package init(
    of count: Int, excluding ids: some Sequence<Int32>,
    _ add: (_ run: Range<Int>, inout ck_exponential_sum) -> Void
  ) {
    self.init(peak: -.infinity, sum: 0)
    var first = 0
    for id in ids {
      if Int(id) > first { add(first..<Int(id), &self) }
      first = Int(id) + 1
    }
    if first < count { add(first..<count, &self) }
  }
}

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

/// The normalizer of a softmax, in float64 for single tokens.
///
/// log p = scale (x − peak) − log_sum, in this order: beside a large peak any other loses log_sum.
extension ck_normalizer {
  /// Whether both parts are numbers, as they are of every distribution.
  package var isFinite: Bool { peak.isFinite && log_sum.isFinite }

  /// The log-probability of a logit.
  package func logProbability(_ x: Float, scale: Float = 1) -> Double {
    Double(scale) * (Double(x) - Double(peak)) - Double(log_sum)
  }

  /// The log of the mass of some tokens, from the sum of their exponentials; −∞ of none.
  package func logMass(_ sum: ck_exponential_sum, scale: Float = 1) -> Double {
    Double(scale) * (Double(sum.peak) - Double(peak)) + (log(sum.sum) - Double(log_sum))
  }

  /// The normalizer with which every log-probability is higher by some number.
  func raised(by shift: Float) -> ck_normalizer {
    ck_normalizer(peak: peak, log_sum: log_sum - shift)
  }
}
