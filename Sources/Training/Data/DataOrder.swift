import Base
import Tensors

/// The order in which training visits its sequences: a fresh shuffle for every epoch.
///
/// A visit is a function of its number alone, computed without a list of the sequences: resuming is
/// exact at any step, and the memory is the same for any size of data.
public struct DataOrder: Sendable {
  /// One visit to a sequence.
  public struct Visit: Sendable, Equatable {
    /// The number of times that every sequence has been visited before.
    public var epoch: Int
    /// The sequence's number in the data.
    public var sequence: Int
  }

  /// The name of the order, which a run records: under another one, it would go on with sequences
  /// that it has seen.
  package static let algorithm = "swap-or-not shuffle, 1"

  private let count: Int
  private let seed: UInt64

  /// The order of `count` sequences under a seed.
  public init(count: Int, seed: UInt64) {
    precondition(count > 0, "no sequences to order")
    self.count = count
    self.seed = seed
  }

  /// The visit of a number, counted from 0 over all epochs.
  public func visit(_ number: Int) -> Visit {
    let (epoch, place) = number.quotientAndRemainder(dividingBy: count)
    var keys = SplitMix64(seed: seed, name: "epoch \(epoch)")
    return Visit(epoch: epoch, sequence: KeyedPermutation(count: count, key: keys.next())[place])
  }
}

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
