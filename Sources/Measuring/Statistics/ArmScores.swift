/// An arm of a comparison, such as a schedule: its runs of several seeds, scored on the same
/// documents.
package struct ArmScores: Sendable, Equatable {
  /// The arm's name.
  package var name: String
  /// The documents' scores of each seed's run, in the order of the data.
  package var runs: [Int: [DocumentScore]]

  /// An arm and the runs that it has.
  package init(name: String, runs: [Int: [DocumentScore]]) {
    self.name = name
    self.runs = runs
  }
}
