/// The ways in which draft and target choose their tokens, which decide what is accepted.
package enum DraftKind: String, CaseIterable, Sendable {
  /// Both are sampled, and what is rejected is drawn again from max(p − q, 0): Leviathan et al.'s.
  case sampled
  /// The draft gives its most probable token, the target is sampled: accepted if both are the same.
  case greedy
  /// Both give their most probable tokens.
  case bothGreedy

  /// The name for people.
  package var name: String {
    switch self {
    case .sampled: "sampled draft"
    case .greedy: "greedy draft"
    case .bothGreedy: "both greedy"
    }
  }

  /// The name in reports.
  package var key: String {
    switch self {
    case .sampled: "sampledDraft"
    case .greedy: "greedyDraft"
    case .bothGreedy: "bothGreedy"
    }
  }
}
