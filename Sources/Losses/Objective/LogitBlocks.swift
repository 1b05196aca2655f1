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
