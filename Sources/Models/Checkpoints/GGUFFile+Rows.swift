extension GGUFFile {
  /// Reads a query or key projection with its rows in Hugging Face's order.
  ///
  /// GGUF keeps the two halves of a rotary pair in neighbouring rows of a head, Hugging Face half a
  /// head apart: row (h, t, j) of the latter is row (h, j, t) of the former, t being 0 or 1.
  ///
  /// - Precondition: `values` has room for exactly the elements, and the heads divide the rows.
  func readUnpermuted(
    _ tensor: GGUFTensor, heads: Int, into values: UnsafeMutableBufferPointer<Float>
  ) {
    let rows = tensor.shape[0]
    let (width, half) = (values.count / rows, rows / heads / 2)
    withBytes(of: tensor) { bytes in
      let rowBytes = bytes.count / rows
      for row in 0..<rows {
        let (head, inner) = row.quotientAndRemainder(dividingBy: 2 * half)
        let target = head * 2 * half + inner % 2 * half + inner / 2
        tensor.type.dequantize(
          UnsafeRawBufferPointer(rebasing: bytes[(row * rowBytes)..<((row + 1) * rowBytes)]),
          into: UnsafeMutableBufferPointer(
            rebasing: values[(target * width)..<((target + 1) * width)]))
      }
    }
  }
}
