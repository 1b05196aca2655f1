extension GGUFTensorType {
  /// De-quantises whole blocks (ggml's layouts, little-endian) to single precision.
  ///
  /// - Precondition: `bytes` holds exactly the blocks of `values`.
  func dequantize(
    _ bytes: UnsafeRawBufferPointer, into values: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(
      values.count % blockSize == 0 && bytes.count == values.count / blockSize * blockBytes,
      "whole blocks, as many as values need")
    switch self {
    case .f32: WeightType.float32.widen(bytes, into: values)
    case .f16: WeightType.float16.widen(bytes, into: values)
    case .bf16: WeightType.bfloat16.widen(bytes, into: values)
    case .q4_0: each(bytes, values, dequantizeQ4_0)
    case .q4_1: each(bytes, values, dequantizeQ4_1)
    case .q5_0: each(bytes, values, dequantizeQ5_0)
    case .q5_1: each(bytes, values, dequantizeQ5_1)
    case .q8_0: each(bytes, values, dequantizeQ8_0)
    case .q4_k: each(bytes, values, dequantizeQ4_K)
    case .q5_k: each(bytes, values, dequantizeQ5_K)
    case .q6_k: each(bytes, values, dequantizeQ6_K)
    }
  }

  @inline(__always)
  private func each(
    _ bytes: UnsafeRawBufferPointer, _ values: UnsafeMutableBufferPointer<Float>,
    _ block: (UnsafePointer<UInt8>, UnsafeMutablePointer<Float>) -> Void
  ) {
    guard let target = values.baseAddress,
      let source = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { return }
    for index in 0..<(values.count / blockSize) {
      block(source + index * blockBytes, target + index * blockSize)
    }
  }
}

/// The half-precision number at an address that need not be aligned.
@inline(__always)
func halfPrecision(at bytes: UnsafePointer<UInt8>) -> Float {
  float(half: UInt16(bytes[0]) | UInt16(bytes[1]) &<< 8)
}

// In blocks of 32, byte i of the quants holds element i in its low nibble and element i + 16 in its
// high one; bit i of the four bytes `high` is the fifth bit of element i.

/// Scale; 32 nibbles: d · (q − 8).
@inline(__always)
private func dequantizeQ4_0(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
  let (scale, quants) = (halfPrecision(at: block), block + 2)
  for i in 0..<16 {
    out[i] = scale * Float(Int32(quants[i] & 15) &- 8)
    out[i &+ 16] = scale * Float(Int32(quants[i] &>> 4) &- 8)
  }
}

/// Scale, minimum; 32 nibbles: d · q + m.
@inline(__always)
private func dequantizeQ4_1(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
  let (scale, minimum, quants) = (halfPrecision(at: block), halfPrecision(at: block + 2), block + 4)
  for i in 0..<16 {
    out[i] = scale * Float(Int32(quants[i] & 15)) + minimum
    out[i &+ 16] = scale * Float(Int32(quants[i] &>> 4)) + minimum
  }
}

/// Scale; 32 high bits; 32 nibbles: d · (q − 16).
@inline(__always)
private func dequantizeQ5_0(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
  let (scale, high, quants) = (halfPrecision(at: block), highBits(block + 2), block + 6)
  for i in 0..<16 {
    let (low, upper) = fifthBits(high, i)
    out[i] = scale * Float(Int32(quants[i] & 15) &+ low &- 16)
    out[i &+ 16] = scale * Float(Int32(quants[i] &>> 4) &+ upper &- 16)
  }
}

/// Scale, minimum; 32 high bits; 32 nibbles: d · q + m.
@inline(__always)
private func dequantizeQ5_1(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
  let (scale, minimum) = (halfPrecision(at: block), halfPrecision(at: block + 2))
  let (high, quants) = (highBits(block + 4), block + 8)
  for i in 0..<16 {
    let (low, upper) = fifthBits(high, i)
    out[i] = scale * Float(Int32(quants[i] & 15) &+ low) + minimum
    out[i &+ 16] = scale * Float(Int32(quants[i] &>> 4) &+ upper) + minimum
  }
}

/// Scale; 32 signed bytes: d · q.
@inline(__always)
private func dequantizeQ8_0(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
  let (scale, quants) = (halfPrecision(at: block), block + 2)
  for i in 0..<32 { out[i] = scale * Float(Int32(Int8(bitPattern: quants[i]))) }
}

@inline(__always)
private func highBits(_ bytes: UnsafePointer<UInt8>) -> UInt32 {
  UInt32(bytes[0]) | UInt32(bytes[1]) &<< 8 | UInt32(bytes[2]) &<< 16 | UInt32(bytes[3]) &<< 24
}

@inline(__always)
private func fifthBits(_ high: UInt32, _ i: Int) -> (Int32, Int32) {
  let shifted = high &>> UInt32(truncatingIfNeeded: i)
  return (Int32(shifted & 1) &<< 4, Int32(shifted &>> 16 & 1) &<< 4)
}
