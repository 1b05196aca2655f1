import CKernels

/// How far the student's q is from the teacher's p at one prediction, both at temperature T.
///
/// Only the forward divergence is linear in p, so that only it is right on average from unbiased
/// sparse targets; the others need whole distributions, or classes of them (DESIGN §5).
public enum Divergence: Sendable, Equatable {
  /// KL(p ‖ q): the student covers all that the teacher expects.
  case forwardKL
  /// KL(q ‖ p): the student keeps to what the teacher expects (MiniLLM, arXiv 2306.08543).
  case reverseKL
  /// `β KL(p ‖ m) + (1 − β) KL(q ‖ m)` with m = β p + (1 − β) q (GKD, arXiv 2306.13649).
  case jensenShannon(beta: Double)
  /// KL(p ‖ α p + (1 − α) q) (DistiLLM, arXiv 2402.03898).
  case skewForwardKL(alpha: Double)
  /// KL(q ‖ (1 − α) p + α q) (DistiLLM, arXiv 2402.03898).
  case skewReverseKL(alpha: Double)
  /// `−1/(αβ) Σ p^α q^β − α/(α+β) p^(α+β) − β/(α+β) q^(α+β)`, with both above 0
  /// (ABKD, arXiv 2505.04560).
  case alphaBeta(alpha: Double, beta: Double)

  /// Whether merging classes never brings it up, as it is with every f-divergence.
  ///
  /// Measured for α-β: no merge of 200,000 random ones brought it up with α + β ≤ 1, up to half of
  /// them did beyond.
  public var fallsWithMergedClasses: Bool {
    if case .alphaBeta(let alpha, let beta) = self { alpha + beta <= 1 } else { true }
  }

  /// The kernel's name and numbers for it.
  var kernel: ck_divergence {
    switch self {
    case .forwardKL: ck_divergence(kind: CK_FORWARD_KL, a: 0, b: 0)
    case .reverseKL: ck_divergence(kind: CK_REVERSE_KL, a: 0, b: 0)
    case .jensenShannon(let beta): ck_divergence(kind: CK_JENSEN_SHANNON, a: Float(beta), b: 0)
    case .skewForwardKL(let alpha): ck_divergence(kind: CK_SKEW_FORWARD_KL, a: Float(alpha), b: 0)
    case .skewReverseKL(let alpha): ck_divergence(kind: CK_SKEW_REVERSE_KL, a: Float(alpha), b: 0)
    case .alphaBeta(let alpha, let beta):
      ck_divergence(kind: CK_ALPHA_BETA, a: Float(alpha), b: Float(beta))
    }
  }
}
