/// The tensor types of GGUF that can be de-quantised, by their numbers in the file.
package enum GGUFTensorType: UInt32, Sendable, CaseIterable {
  /// Plain numbers.
  case f32 = 0, f16 = 1, bf16 = 30
  /// Blocks of 32: a scale, perhaps a minimum, and 4, 5 or 8 bits an element.
  case q4_0 = 2, q4_1 = 3, q5_0 = 6, q5_1 = 7, q8_0 = 8
  /// Blocks of 256 in which the scales of 16 or 32 elements are quantised themselves.
  case q4_k = 12, q5_k = 13, q6_k = 14

  /// The name that converters and file names use.
  package var name: String { "\(self)".uppercased() }

  /// The elements of a block.
  var blockSize: Int {
    switch self {
    case .f32, .f16, .bf16: 1
    case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0: 32
    case .q4_k, .q5_k, .q6_k: 256
    }
  }

  /// The bytes of a block.
  var blockBytes: Int {
    switch self {
    case .f32: 4
    case .f16, .bf16: 2
    case .q4_0: 18
    case .q4_1: 20
    case .q5_0: 22
    case .q5_1: 24
    case .q8_0: 34
    case .q4_k: 144
    case .q5_k: 176
    case .q6_k: 210
    }
  }

  /// The name of any type number, known or not, for messages.
  static func name(of number: UInt32) -> String {
    let others: [UInt32: String] = [
      9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS",
      19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16",
      26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
    ]
    return Self(rawValue: number)?.name ?? others[number] ?? "type \(number)"
  }
}

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
private func halfPrecision(at bytes: UnsafePointer<UInt8>) -> Float {
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

// Blocks of 256 elements, in which the scales of smaller groups are quantised themselves.

/// Two halves; 8 scales and 8 minima of 6 bits in 12 bytes; 256 nibbles: d · s · q − e · m.
///
/// Each 32 bytes of quants hold one group of 32 in their low nibbles, the next in their high ones.
@inline(__always)
private func dequantizeQ4_K(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
  let quants = block + 16
  for group in 0..<8 {
    let (scale, minimum) = groupScale(block, group)
    let (source, target) = (quants + group / 2 * 32, out + group * 32)
    let shift = UInt8(group % 2 * 4)
    for i in 0..<32 {
      target[i] = scale * Float(Int32(source[i] &>> shift & 15)) - minimum
    }
  }
}

/// As Q4_K, with a fifth bit: bit g of the byte i of 32 belongs to element i of group g.
@inline(__always)
private func dequantizeQ5_K(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
  let (high, quants) = (block + 16, block + 48)
  for group in 0..<8 {
    let (scale, minimum) = groupScale(block, group)
    let (source, target) = (quants + group / 2 * 32, out + group * 32)
    let (shift, bit) = (UInt8(group % 2 * 4), UInt8(group))
    for i in 0..<32 {
      let quant = (source[i] &>> shift & 15) | (high[i] &>> bit & 1) &<< 4
      target[i] = scale * Float(Int32(quant)) - minimum
    }
  }
}

/// 256 low nibbles, 256 pairs of high bits, 16 signed scales, a half: d · s · (q − 32).
///
/// Each half of the block has 64 bytes of nibbles and 32 of pairs for its four groups of 32:
/// groups 0 and 1 take the low nibbles, 2 and 3 the high ones; group g the pair of bits at 2g.
@inline(__always)
private func dequantizeQ6_K(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
  let superScale = halfPrecision(at: block + 208)
  for group in 0..<8 {
    let (upper, quarter) = (group / 4, group % 4)
    let low = block + upper * 64 + quarter % 2 * 32
    let high = block + 128 + upper * 32
    let (nibble, pair) = (UInt8(quarter / 2 * 4), UInt8(quarter * 2))
    for part in 0..<2 {
      let scale = superScale * Float(Int32(Int8(bitPattern: block[192 + group * 2 + part])))
      let target = out + group * 32
      for i in (part * 16)..<(part * 16 + 16) {
        let quant = (low[i] &>> nibble & 15) | (high[i] &>> pair & 3) &<< 4
        target[i] = scale * Float(Int32(quant) &- 32)
      }
    }
  }
}

/// The scale and minimum of one of the eight groups of a Q4_K or Q5_K block.
///
/// Groups 0 to 3 keep theirs in the low six bits of bytes g and g + 4. Groups 4 to 7 keep the low
/// four bits in the nibbles of byte g + 4, the other two on top of bytes g − 4 and g.
@inline(__always)
private func groupScale(_ block: UnsafePointer<UInt8>, _ group: Int) -> (Float, Float) {
  let packed = block + 4
  let (scale, minimum) =
    group < 4
    ? (packed[group] & 63, packed[group + 4] & 63)
    : (
      packed[group + 4] & 15 | (packed[group - 4] &>> 6) &<< 4,
      packed[group + 4] &>> 4 | (packed[group] &>> 6) &<< 4
    )
  return (
    halfPrecision(at: block) * Float(Int32(scale)),
    halfPrecision(at: block + 2) * Float(Int32(minimum))
  )
}
