/// The rule for a run that trains on its evaluation's text. (`evaluation.overlap`, `overlap`)
package enum OverlapRule: String, Sendable, CaseIterable {
  /// Nothing is evaluated.
  case refuse
  /// The evaluation goes without those texts.
  case remove
  /// They are evaluated all the same, and a note says so.
  case keep
}
