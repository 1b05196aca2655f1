import Foundation

/// SplitMix64 (Steele, Lea & Flood 2014): a small seeded generator whose state is one integer.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A generator that always gives the same numbers for the same seed.
  public init(seed: UInt64) { state = seed }

  /// A generator addressed by a seed and a name, so that order of use does not matter.
  public init(seed: UInt64, name: String) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a over the name's bytes
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    self.init(seed: seed ^ hash)
    state = next()
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A number in (0, 1].
  public mutating func uniform() -> Double { Double((next() >> 11) + 1) * 0x1p-53 }

  /// A standard normal number (Box & Muller 1958).
  package mutating func normal() -> Float {
    let radius = (-2 * Foundation.log(uniform())).squareRoot()
    return Float(radius * Foundation.cos(2 * Double.pi * uniform()))
  }
}
