// Blocks of 256 elements, in which the scales of smaller groups are quantised themselves.

/// Two halves; 8 scales and 8 minima of 6 bits in 12 bytes; 256 nibbles: d · s · q − e · m.
///
/// Each 32 bytes of quants hold one group of 32 in their low nibbles, the next in their high ones.
@inline(__always)
func dequantizeQ4_K(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
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
func dequantizeQ5_K(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
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
func dequantizeQ6_K(_ block: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>) {
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
