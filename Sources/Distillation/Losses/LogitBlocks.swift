import CKernels
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
    (self.rows, self.vocabulary) = (rows, vocabulary)
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

    /// The logit of a column.
    subscript(column: Int) -> Float {
      let block = column / LogitBlocks.width
      let start = (block * blocks.rows + index) * LogitBlocks.width
      return blocks.storage.base[start + column % LogitBlocks.width]
    }

    /// The log-sum-exp of the scaled logits of all columns but some, which ascend; −∞ of none.
    ///
    /// Summed over the rest, not as a difference: where the some hold nearly all, that would be
    /// rounding noise.
    func logSumExp(excluding columns: some Sequence<Int32>, scale: Float) -> Double {
      var sum = ck_exponential_sum(peak: -.infinity, sum: 0)
      var first = 0
      for column in columns {
        add(first..<Int(column), scale, to: &sum)
        first = Int(column) + 1
      }
      add(first..<blocks.vocabulary, scale, to: &sum)
      return Double(sum.peak) + log(sum.sum)
    }

    private func add(_ columns: Range<Int>, _ scale: Float, to sum: inout ck_exponential_sum) {
      var first = columns.lowerBound
      while first < columns.upperBound {
        let block = first / LogitBlocks.width
        let end = min(columns.upperBound, (block + 1) * LogitBlocks.width)
        let start = (block * blocks.rows + index) * LogitBlocks.width
        ck_add_exponentials(
          end - first, scale, blocks.storage.base + start + first % LogitBlocks.width, &sum)
        first = end
      }
    }

    /// Σ w · logit over all columns.
    func dot(_ weights: [Float]) -> Float {
      weights.withUnsafeBufferPointer { weights in
        guard let base = weights.baseAddress else { return 0 }
        return stride(from: 0, to: weights.count, by: LogitBlocks.width).reduce(0) { sum, first in
          var part: Float = 0
          let count = min(LogitBlocks.width, weights.count - first)
          let start = first * blocks.rows + index * LogitBlocks.width
          ck_row_dots(1, count, count, base + first, blocks.storage.base + start, &part)
          return sum + part
        }
      }
    }
  }
}
