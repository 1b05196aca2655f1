/// Hashes of tokens.
enum TokenHash {
  /// The hash of some tokens in their order.
  static func of(_ tokens: some Sequence<Int32>) -> UInt64 {
    of(tokens, after: 0x2545_F491_4F6C_DD1D)
  }

  /// The hash of tokens of which some had a hash already, with the others behind them.
  static func of(_ tokens: some Sequence<Int32>, after hash: UInt64) -> UInt64 {
    tokens.reduce(hash) { mixed($0 ^ UInt64(UInt32(bitPattern: $1))) }
  }

  /// Spreads a number over all 64 bits. (SplitMix64's finalizer.)
  static func mixed(_ number: UInt64) -> UInt64 {
    var z = number &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
