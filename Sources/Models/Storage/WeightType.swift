/// The element types in which weights are stored, by the names that PyTorch gives them.
public enum WeightType: String, Sendable, CaseIterable {
  /// IEEE single precision.
  case float32
  /// IEEE half precision: 5 exponent bits, 10 fraction bits.
  case float16
  /// The upper half of single precision: 8 exponent bits, 7 fraction bits.
  case bfloat16

  /// The size of an element in bytes.
  public var byteCount: Int { self == .float32 ? 4 : 2 }

  /// The type's name in a safetensors header.
  var elementType: ElementType {
    switch self {
    case .float32: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    }
  }

  /// The type of that name in a safetensors header; nil for what no weights are stored in.
  init?(_ type: ElementType) {
    guard let own = Self.allCases.first(where: { $0.elementType == type }) else { return nil }
    self = own
  }
}

extension WeightType {
  /// Widens stored little-endian elements, aligned or not, to single precision; exact.
  ///
  /// - Precondition: `bytes` holds exactly the elements of `values`.
  func widen(_ bytes: UnsafeRawBufferPointer, into values: UnsafeMutableBufferPointer<Float>) {
    precondition(bytes.count == values.count * byteCount, "as many bytes as values need")
    guard let source = bytes.baseAddress, let target = values.baseAddress else { return }
    switch self {
    case .float32:
      UnsafeMutableRawPointer(target).copyMemory(from: source, byteCount: bytes.count)
    case .bfloat16:
      for index in 0..<values.count {
        let bits = source.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self)
        target[index] = Float(bitPattern: UInt32(bits) &<< 16)
      }
    case .float16:
      for index in 0..<values.count {
        target[index] = float(
          half: source.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self))
      }
    }
  }

  /// Rounds single precision to the stored type, ties to even.
  ///
  /// - Precondition: `bytes` holds exactly the elements of `values`.
  func narrow(_ values: UnsafeBufferPointer<Float>, into bytes: UnsafeMutableRawBufferPointer) {
    precondition(bytes.count == values.count * byteCount, "as many bytes as values need")
    guard let source = values.baseAddress, let target = bytes.baseAddress else { return }
    switch self {
    case .float32: target.copyMemory(from: source, byteCount: bytes.count)
    case .bfloat16:
      for index in 0..<values.count {
        target.storeBytes(
          of: bfloat16Bits(of: source[index]), toByteOffset: index &* 2, as: UInt16.self)
      }
    case .float16:
      for index in 0..<values.count {
        target.storeBytes(
          of: halfBits(of: source[index]), toByteOffset: index &* 2, as: UInt16.self)
      }
    }
  }
}

/// The number that the bits of an IEEE half stand for.
///
/// Arithmetic on the bits, since the baseline x86-64 has no instruction for it and would call a
/// function for each element. Shifting the exponent into place and multiplying by 2¹¹² corrects
/// its bias and normalises subnormals at once.
@inline(__always)
func float(half bits: UInt16) -> Float {
  let magnitude = UInt32(bits & 0x7FFF) &<< 13
  let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
  let special = magnitude | 0x7F80_0000  // infinities and NaNs keep their fraction
  let sign = UInt32(bits & 0x8000) &<< 16
  return Float(bitPattern: sign | (magnitude >= 0x0F80_0000 ? special : scaled))
}

/// The bits of the nearest bfloat16, ties to even.
@inline(__always)
private func bfloat16Bits(of value: Float) -> UInt16 {
  let bits = value.bitPattern
  if value.isNaN { return UInt16(truncatingIfNeeded: bits &>> 16) | 0x0040 }
  return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits &>> 16 & 1)) &>> 16)
}

/// The bits of the nearest half, ties to even; too large a number becomes infinite.
@inline(__always)
private func halfBits(of value: Float) -> UInt16 {
  let sign = UInt16(truncatingIfNeeded: value.bitPattern &>> 16) & 0x8000
  let magnitude = value.bitPattern & 0x7FFF_FFFF
  if magnitude > 0x7F80_0000 { return sign | 0x7E00 }
  if magnitude >= 0x477F_F000 { return sign | 0x7C00 }  // 65520 and beyond
  if magnitude < 0x3880_0000 {
    // Below the smallest normal half: adding ½ leaves the rounded fraction in the lowest bits.
    let rounded = Float(bitPattern: magnitude) + 0.5
    return sign | UInt16(truncatingIfNeeded: rounded.bitPattern &- 0x3F00_0000)
  }
  let odd = magnitude &>> 13 & 1
  let rounded = (magnitude &- 0x3800_0000 &+ 0x0FFF &+ odd) &>> 13
  return sign | UInt16(truncatingIfNeeded: rounded)
}

/// The element types of the safetensors format, by their names in a header.
package enum ElementType: String, Sendable, CaseIterable {
  /// Types of one byte.
  case bool = "BOOL", uint8 = "U8", int8 = "I8"
  /// Floats of 4 or 6 bits, by their exponent and fraction bits.
  case float4 = "F4", float6e2m3 = "F6_E2M3", float6e3m2 = "F6_E3M2"
  /// Floats of 8 bits, by their exponent and fraction bits.
  case float8e5m2 = "F8_E5M2", float8e4m3 = "F8_E4M3", float8e8m0 = "F8_E8M0"
  /// Floats of 8 bits without infinities and negative zero.
  case float8e4m3fnuz = "F8_E4M3FNUZ", float8e5m2fnuz = "F8_E5M2FNUZ"
  /// Types of two bytes.
  case int16 = "I16", uint16 = "U16", float16 = "F16", bfloat16 = "BF16"
  /// Types of four bytes.
  case int32 = "I32", uint32 = "U32", float32 = "F32"
  /// Types of eight bytes.
  case int64 = "I64", uint64 = "U64", float64 = "F64", complex64 = "C64"

  /// The size of an element in bits.
  package var bits: Int {
    switch self {
    case .float4: 4
    case .float6e2m3, .float6e3m2: 6
    case .bool, .uint8, .int8: 8
    case .float8e5m2, .float8e4m3, .float8e8m0, .float8e4m3fnuz, .float8e5m2fnuz: 8
    case .int16, .uint16, .float16, .bfloat16: 16
    case .int32, .uint32, .float32: 32
    case .complex64, .float64, .int64, .uint64: 64
    }
  }
}
