import Models
import Tensors

extension Models.Decoder {
  /// Projects the rows of hidden states (N, D), or some of them, and gives the logits (V) of each to
  /// `body`, in order.
  ///
  /// The logits of up to 128 rows exist at a time.
  func forEachLogits(
    of hidden: Tensor, rows: Range<Int>? = nil,
    _ body: (UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let all = rows ?? 0..<hidden.rows
    let logits = LogitUnit(vocabulary: config.vocabSize)
    for unit in LogitUnit.units(of: all.count) {
      let rows = (all.lowerBound + unit.lowerBound)..<(all.lowerBound + unit.upperBound)
      for block in LogitUnit.blocks(vocabulary: config.vocabSize, width: hidden.columns) {
        output.withValues { weight in
          guard let weight = weight.baseAddress else { return }
          logits.fill(
            block, hidden: hidden, rows: rows, weight: weight + block.lowerBound * hidden.columns,
            precision: precision)
        }
      }
      try logits.forEachRow(rows.count, body)
    }
  }
}
