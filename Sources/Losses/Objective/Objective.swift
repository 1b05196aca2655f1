/// The teacher's term of a prediction: a divergence from a target, weighed by a rule.
public struct Objective: Sendable, Equatable {
  /// The distribution that the divergence is measured from.
  public enum Target: Sendable, Equatable {
    /// The teacher's distribution p.
    case teacher
    /// p, mixed with the label where the teacher prefers another token, so that the label leads by
    /// a margin (minifinetuning's corrected teacher, arXiv 2506.15702).
    ///
    /// With d = max p − p(label) and the margin τ the label's share is m = (d + τ) / (1 + d).
    case corrected(margin: Double)
    /// softmax(s log p + (1 − s) log q) with q held fixed: s goes from the student's own
    /// distribution, 0, to the teacher's, 1 (TAID, arXiv 2501.16937).
    case interpolated(share: Double)
  }

  /// The classes that the divergence sums over.
  public enum Classes: Sendable, Equatable {
    /// Every token.
    case tokens
    /// The tokens that a sparse teacher's row has exactly, and all others as one: a lower bound of
    /// an f-divergence, since classes were merged, but for the rounding of what is stored.
    ///
    /// Entries above the threshold are exact, and the most probable token is; `resolution` is the
    /// step of the grid that their values lie on, around 1.
    case head(above: Float, resolution: Double)
  }

  /// The divergence of the student from the target.
  public var divergence: Divergence
  /// The target.
  public var target: Target
  /// The classes of the sum, where the teacher's rows are sparse.
  public var classes: Classes
  /// The rule that each prediction's weights follow.
  public var rule: TokenRule

  /// An objective from its parts; without any, the forward divergence from the teacher.
  public init(
    divergence: Divergence = .forwardKL, target: Target = .teacher, classes: Classes = .tokens,
    rule: TokenRule = .uniform
  ) {
    self.divergence = divergence
    self.target = target
    self.classes = classes
    self.rule = rule
  }
}
