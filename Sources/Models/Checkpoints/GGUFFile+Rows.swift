extension GGUFFile {
  /// Reads some of a tensor's rows, which are so many in all, de-quantised.
  ///
  /// - Precondition: `values` has room for exactly their elements.
  func read(
    _ tensor: GGUFTensor, rows: Range<Int>, of count: Int,
    into values: UnsafeMutableBufferPointer<Float>
  ) {
    withBytes(of: tensor) { tensor.type.dequantize($0.rows(rows, of: count), into: values) }
  }

  /// Reads rows of a query or key projection in Hugging Face's order.
  ///
  /// GGUF keeps the two halves of a rotary pair in neighbouring rows of a head, Hugging Face half a
  /// head apart: row (h, t, j) of the latter is row (h, j, t) of the former, t being 0 or 1.
  ///
  /// - Precondition: `values` has room for exactly the elements, and the heads divide the rows.
  func readUnpermuted(
    _ tensor: GGUFTensor, heads: Int, rows: Range<Int>,
    into values: UnsafeMutableBufferPointer<Float>
  ) {
    let count = tensor.shape[0]
    let (width, half) = (tensor.shape[1], count / heads / 2)
    withBytes(of: tensor) { bytes in
      for (place, row) in rows.enumerated() {
        let (head, inner) = row.quotientAndRemainder(dividingBy: 2 * half)
        let stored = head * 2 * half + inner % half * 2 + inner / half
        tensor.type.dequantize(
          bytes.rows(stored..<(stored + 1), of: count),
          into: UnsafeMutableBufferPointer(
            rebasing: values[(place * width)..<((place + 1) * width)]))
      }
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The bytes of some rows, where there are `count` of equal length in all.
  func rows(_ rows: Range<Int>, of count: Int) -> UnsafeRawBufferPointer {
    let stride = self.count / count
    return UnsafeRawBufferPointer(
      rebasing: self[(rows.lowerBound * stride)..<(rows.upperBound * stride)])
  }
}
