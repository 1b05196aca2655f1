/// What is done where a run trains on what it is evaluated on. (`evaluation.overlap`, `overlap`)
package enum OverlapRule: String, Sendable, CaseIterable {
  /// Nothing is evaluated.
  case refuse
  /// The evaluation goes without those texts.
  case remove
  /// They are evaluated all the same, and it is said.
  case keep
}
