import Tensors

/// The order in which training visits its sequences: a fresh shuffle for every epoch.
///
/// The whole state is one integer, the number of sequences visited, so that resuming is exact at
/// any step, at epoch boundaries too.
public struct DataOrder: Sendable {
  private let count: Int
  private let seed: UInt64
  private var epoch = -1
  private var permutation: [Int] = []

  /// The order of `count` sequences under a seed.
  public init(count: Int, seed: UInt64) {
    precondition(count > 0, "no sequences to order")
    (self.count, self.seed) = (count, seed)
  }

  /// The sequence to visit as the `visit`-th, counted from 0 over all epochs.
  public mutating func sequence(at visit: Int) -> Int {
    if visit / count != epoch {
      epoch = visit / count
      var generator = SplitMix64(seed: seed, name: "epoch \(epoch)")
      permutation = Array(0..<count).shuffled(using: &generator)
    }
    return permutation[visit % count]
  }
}
