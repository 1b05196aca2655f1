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
