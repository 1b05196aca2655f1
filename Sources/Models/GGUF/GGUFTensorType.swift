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
