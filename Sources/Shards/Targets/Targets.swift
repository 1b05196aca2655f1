/// The teacher's distributions at the positions of a sequence, as a cache stores them.
public enum Targets: Sendable, Equatable {
  /// Sparse, unbiased estimates.
  case sparse(SparseTargets)
  /// Whole distributions.
  case dense(DenseTargets)

  /// The number of positions.
  public var count: Int {
    switch self {
    case .sparse(let targets): targets.count
    case .dense(let targets): targets.count
    }
  }
}
