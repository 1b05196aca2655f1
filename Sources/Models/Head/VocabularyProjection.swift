package import Tensors

/// The projection `h Wᵀ` of hidden states onto the vocabulary, made tile by tile: the one place
/// where logits come from, but for those of a graph (``Decoder/logits(_:)-(Tensor)``).
///
/// A tile's height and width are its caller's: where OpenBLAS multiplies, the bits depend on them.
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
