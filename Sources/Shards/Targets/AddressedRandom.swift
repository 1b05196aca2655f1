/// Random numbers that are looked up by address instead of drawn from a stream.
///
/// Philox-4x32 with 10 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
/// SC 2011). The key is the seed; the counter is (sequence identity, position, purpose and index),
/// so every number is the same whichever worker asks for it, in whatever order.
public struct AddressedRandom: Sendable, Equatable {
  /// A use of random numbers; numbers for different purposes are independent.
  public enum Purpose: UInt32, Sendable {
    /// The start of the systematic draw of a position.
    case sampling = 1
    /// The rounding of a kept probability; the index is the token id.
    case valueRounding = 2
    /// The rounding of a position's entropy.
    case entropyRounding = 3
    /// The rounding of the next token's log-probability.
    case nextTokenRounding = 4
  }

  /// The seed of the capture.
  let seed: UInt64

  /// The numbers of one seed.
  public init(seed: UInt64) { self.seed = seed }

  /// A uniform number in [0, 1) with 53 random bits.
  ///
  /// - Parameters:
  ///   - sequence: the identity of the sequence at capture.
  ///   - position: the record within the sequence, counted from 0.
  ///   - purpose: the use of the number.
  ///   - index: tells apart the numbers of one purpose at one position; below 2^24.
  /// - Returns: the same number for the same address, always.
  public func uniform(
    sequence: UInt64, position: Int, purpose: Purpose, index: Int = 0
  ) -> Double {
    precondition(index >= 0 && index < 1 << 24, "an address has 24 bits of index")
    let counter = SIMD4<UInt32>(
      UInt32(truncatingIfNeeded: sequence), UInt32(truncatingIfNeeded: sequence >> 32),
      UInt32(truncatingIfNeeded: position), purpose.rawValue << 24 | UInt32(index))
    let word = Self.philox(counter: counter, key: seed)
    let bits = UInt64(word[0]) | UInt64(word[1]) << 32
    return Double(bits >> 11) * 0x1p-53
  }

  /// One block of Philox-4x32-10.
  static func philox(counter: SIMD4<UInt32>, key: UInt64) -> SIMD4<UInt32> {
    var word = counter
    var (key0, key1) = (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
    for _ in 0..<10 {
      let product0 = word[0].multipliedFullWidth(by: 0xD251_1F53)
      let product1 = word[2].multipliedFullWidth(by: 0xCD9E_8D57)
      word = SIMD4(
        product1.high ^ word[1] ^ key0, product1.low, product0.high ^ word[3] ^ key1, product0.low)
      key0 &+= 0x9E37_79B9
      key1 &+= 0xBB67_AE85
    }
    return word
  }
}

/// The address of one position's random numbers.
struct Place {
  /// The numbers of the capture.
  let random: AddressedRandom
  /// The sequence's identity.
  let sequence: UInt64
  /// The record within the sequence.
  let position: Int

  /// A uniform number in [0, 1) for a purpose at this place.
  func uniform(_ purpose: AddressedRandom.Purpose, _ index: Int = 0) -> Double {
    random.uniform(sequence: sequence, position: position, purpose: purpose, index: index)
  }
}
