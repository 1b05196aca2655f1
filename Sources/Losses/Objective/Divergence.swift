import Base
import CKernels

/// A divergence of the student's q from the teacher's p at one prediction, both at temperature T.
///
/// Only the forward divergence is linear in p, so that only it is right on average from unbiased
/// sparse targets; the others need whole distributions, or classes of them (docs/design.md, "What
/// sparse targets say").
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
  package var fallsWithMergedClasses: Bool {
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

/// The divergence of the student from its target, and its classes. (`loss.divergence`)
package struct DivergenceConfig: Sendable, Equatable {
  /// The classes that the divergence sums over, where the teacher's rows are sparse.
  package enum Classes: String, Sendable, CaseIterable {
    /// Every token.
    case tokens
    /// The exact head of each row, and all other tokens as one: a lower bound.
    case head
  }

  /// The divergence.
  package var divergence = Divergence.forwardKL
  /// The classes that it sums over.
  package var classes = Classes.tokens

  /// The forward divergence over all tokens.
  package init() {}
}

extension DivergenceConfig {
  enum Key: String, ConfigKey {
    case kind, alpha, beta, classes
  }

  private enum Name: String, CaseIterable {
    case forwardKL = "forward_kl"
    case reverseKL = "reverse_kl"
    case jensenShannon = "jensen_shannon"
    case skewForwardKL = "skew_forward_kl"
    case skewReverseKL = "skew_reverse_kl"
    case alphaBeta = "alpha_beta"

    /// The keys that the divergence reads.
    var keys: [Key] {
      switch self {
      case .forwardKL, .reverseKL: []
      case .jensenShannon: [.beta]
      case .skewForwardKL, .skewReverseKL: [.alpha]
      case .alphaBeta: [.alpha, .beta]
      }
    }
  }

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    let name = try section.choice(.kind, of: Name.self)
    try section.requireOnly(
      name.keys, of: [.alpha, .beta], for: "the divergence \(name.rawValue)")
    divergence = try Self.divergence(name, section)
    classes = try section.optionalChoice(.classes, of: Classes.self) ?? classes
    guard classes == .tokens || divergence != .forwardKL else {
      throw section.conflict(
        .classes, "forward_kl is exact on average from sparse targets; leave out classes")
    }
    guard classes == .tokens || divergence.fallsWithMergedClasses else {
      throw section.conflict(
        .classes, "alpha_beta of merged classes is a lower bound only for alpha + beta ≤ 1")
    }
  }

  private static func divergence(
    _ name: Name, _ section: ConfigSection<Key>
  ) throws(ConfigError) -> Divergence {
    let share = ValueLimit<Double>(description: "between 0 and 1") { $0 > 0 && $0 < 1 }
    return switch name {
    case .forwardKL: .forwardKL
    case .reverseKL: .reverseKL
    case .jensenShannon:
      .jensenShannon(beta: try section.optionalNumber(.beta, share) ?? 0.5)
    case .skewForwardKL: .skewForwardKL(alpha: try section.optionalNumber(.alpha, share) ?? 0.1)
    case .skewReverseKL: .skewReverseKL(alpha: try section.optionalNumber(.alpha, share) ?? 0.1)
    case .alphaBeta:
      .alphaBeta(
        alpha: try section.optionalNumber(.alpha, .within(0.01...2)) ?? 0.2,
        beta: try section.optionalNumber(.beta, .within(0.01...2)) ?? 0.7)
    }
  }

  /// The section as it is written into a run directory.
  var resolved: ResolvedSection<Key> {
    let classes = JSONValue.string(classes.rawValue)
    func section(
      _ name: Name, alpha: Double? = nil, beta: Double? = nil
    ) -> ResolvedSection<Key> {
      [
        .kind: .string(name.rawValue), .alpha: .optional(alpha) { .double($0) },
        .beta: .optional(beta) { .double($0) }, .classes: classes,
      ]
    }
    return switch divergence {
    case .forwardKL: section(.forwardKL)
    case .reverseKL: section(.reverseKL)
    case .jensenShannon(let beta): section(.jensenShannon, beta: beta)
    case .skewForwardKL(let alpha): section(.skewForwardKL, alpha: alpha)
    case .skewReverseKL(let alpha): section(.skewReverseKL, alpha: alpha)
    case .alphaBeta(let alpha, let beta): section(.alphaBeta, alpha: alpha, beta: beta)
    }
  }
}
