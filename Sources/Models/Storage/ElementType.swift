/// The element types of the safetensors format, by their names in a header.
public enum ElementType: String, Sendable, CaseIterable {
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
  public var bits: Int {
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
