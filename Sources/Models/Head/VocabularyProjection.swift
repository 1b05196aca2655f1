package import Tensors

/// The projection `h Wᵀ` of hidden states onto the vocabulary, made tile by tile: the one place
/// where logits come from, but for those of a graph (``Decoder/logits(_:)-(Tensor)``).
package struct VocabularyProjection {
  private let hidden, weight: Tensor
  // Asked for once: threads that ask for a computed tensor's memory might each make their own.
  private let hiddenValues, weightValues: UnsafeMutablePointer<Float>
  private let firstColumn: Int
  private let precision: Precision

  /// The projection of hidden states (N, D) by rows of the output matrix (V', D), of which the
  /// first is that of the token `firstColumn`.
  package init(hidden: Tensor, weight: Tensor, firstColumn: Int = 0, precision: Precision) {
    precondition(hidden.columns == weight.columns, "hidden states and projection of one width")
    self.hidden = hidden
    self.weight = weight
    hiddenValues = hidden.values
    weightValues = weight.values
    self.firstColumn = firstColumn
    self.precision = precision
  }

  /// The number of predictions, N.
  package var rowCount: Int { hidden.rows }

  /// The number of tokens whose logits it makes, V'.
  package var columnCount: Int { weight.rows }

  /// Makes the logits of some rows and columns, rows `stride` numbers apart.
  package func fill(
    _ rows: Range<Int>, _ columns: Range<Int>, into tile: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let width = hidden.columns
    gemm(
      rows.count, columns.count, width,
      Operand(hiddenValues + rows.lowerBound * width, stride: width),
      Operand(
        weightValues + (columns.lowerBound - firstColumn) * width, stride: width, transposed: true),
      precision: precision, into: tile, stride: stride)
    withExtendedLifetime((hidden, weight)) {}
  }
}

/// The logits of up to 128 predictions, made block of the vocabulary by block.
package struct LogitUnit {
  /// The most rows of a unit.
  static let rowCount = 128

  private let vocabulary: Int
  private let storage: Storage

  /// Undefined logits over a vocabulary.
  package init(vocabulary: Int) {
    self.vocabulary = vocabulary
    storage = Storage(count: Self.rowCount * vocabulary)
  }

  /// The bytes of a unit over a vocabulary.
  package static func bytes(vocabulary: Int) -> Int { 4 * rowCount * vocabulary }

  /// The parts of a projection (V, D) that are multiplied one after the other: 16 MiB of weights or
  /// 256 rows, whichever is more.
  package static func blocks(vocabulary: Int, width: Int) -> [Range<Int>] {
    let rows = max(256, (4 << 20) / width / 256 * 256)
    return stride(from: 0, to: vocabulary, by: rows).map { $0..<min(vocabulary, $0 + rows) }
  }

  /// The rows of a number of predictions that make a unit each.
  package static func units(of predictions: Int) -> [Range<Int>] {
    stride(from: 0, to: predictions, by: rowCount).map { $0..<min(predictions, $0 + rowCount) }
  }

  /// Fills the columns of a block for the rows of a unit.
  package func fill(_ block: Range<Int>, rows: Range<Int>, _ projection: VocabularyProjection) {
    projection.fill(rows, block, into: storage.base + block.lowerBound, stride: vocabulary)
  }

  /// Fills all columns for the rows of a unit, from hidden states (N, D) and the whole projection.
  package func fill(rows: Range<Int>, _ projection: VocabularyProjection, width: Int) {
    for block in Self.blocks(vocabulary: vocabulary, width: width) {
      fill(block, rows: rows, projection)
    }
  }

  /// Runs `body` on the logits of each of the first rows.
  package func forEachRow<Failure: Error>(
    _ count: Int, _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    for row in 0..<count {
      try body(UnsafeBufferPointer(start: storage.base + row * vocabulary, count: vocabulary))
    }
  }
}

extension Decoder {
  /// Projects the rows of hidden states (N, D), or some of them, and gives the logits (V) of each
  /// to `body`, in order.
  ///
  /// The logits of up to 128 rows exist at a time.
  package func forEachLogits(
    of hidden: Tensor, rows: Range<Int>? = nil,
    _ body: (UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let all = rows ?? 0..<hidden.rows
    let projection = VocabularyProjection(hidden: hidden, weight: output, precision: precision)
    let logits = LogitUnit(vocabulary: config.vocabSize)
    for unit in LogitUnit.units(of: all.count) {
      let rows = (all.lowerBound + unit.lowerBound)..<(all.lowerBound + unit.upperBound)
      logits.fill(rows: rows, projection, width: hidden.columns)
      try logits.forEachRow(rows.count, body)
    }
  }
}
