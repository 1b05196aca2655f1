import Base
import Tensors

/// A permutation of 0 ..< count that a key chooses: any place is computed on its own, in no memory.
///
/// The swap-or-not shuffle (Hoang, Morris & Rogaway, CRYPTO 2012): round after round the numbers
/// are paired by `partner = k − x mod count`, and a keyed coin a pair says whether the two change
/// places. It needs no domain larger than `count`, and its permutations are of both parities.
package struct KeyedPermutation: Sendable {
  /// Twice the logarithm of any count that fits a machine, rounded down; each round halves what an
  /// observer could still tell of the order before.
  private static let rounds = 90

  /// The count of permuted numbers.
  package let count: Int
  private let key: UInt64

  /// The permutation of `count` numbers that belongs to a key.
  package init(count: Int, key: UInt64) {
    precondition(count > 0, "nothing to permute")
    self.count = count
    self.key = key
  }

  /// The number that comes at a place.
  ///
  /// - Precondition: `0 <= place < count`.
  package subscript(_ place: Int) -> Int {
    precondition(place >= 0 && place < count, "place \(place) of \(count)")
    let n = UInt64(count)
    var x = UInt64(place)
    var rounds = SplitMix64(seed: key)
    for _ in 0..<Self.rounds {
      let pairing = rounds.next().multipliedFullWidth(by: n).high  // uniform over 0 ..< n
      let partner = x <= pairing ? pairing - x : n - x + pairing
      var coin = SplitMix64(seed: rounds.next() ^ max(x, partner))
      if coin.next() >> 63 == 1 { x = partner }
    }
    return Int(x)
  }
}
