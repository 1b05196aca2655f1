/// An arm in its place in a ranking.
package struct RankedArm: Sendable, Equatable {
  /// The arm's name.
  package let name: String
  /// Its seeds, ascending.
  package let seeds: [Int]
  /// The held-out NLL of each seed's run, token-weighted over documents, in nats.
  package let scores: [Double]
  /// The mean of these; not finite where a run diverged, nan without any run.
  package let mean: Double
  /// Their standard deviation, with n − 1; nil with one seed or where a run diverged.
  package let standardDeviation: Double?
  /// The seeds whose score is not finite.
  package let divergedSeeds: [Int]

  /// An arm from its seeds' scores.
  init(name: String, runs: [Int: Double]) {
    let ordered = runs.sorted { $0.key < $1.key }
    self.name = name
    seeds = ordered.map(\.key)
    scores = ordered.map(\.value)
    divergedSeeds = ordered.filter { !$0.value.isFinite }.map(\.key)
    let sample = Sample(scores)
    mean = sample.mean
    standardDeviation = mean.isFinite ? sample.standardDeviation : nil
  }

  /// Whether one of its runs diverged.
  package var isDiverged: Bool { !divergedSeeds.isEmpty }
}
