/// An arm in its place in a ranking.
public struct RankedArm: Codable, Sendable, Equatable {
  /// The arm's name.
  public let name: String
  /// Its seeds, ascending.
  public let seeds: [Int]
  /// The held-out NLL of each seed's run, token-weighted over documents, in nats.
  public let scores: [Double]
  /// The mean of these; not finite where a run diverged, nan without any run.
  public let mean: Double
  /// Their standard deviation, with n − 1; nil with one seed or where a run diverged.
  public let standardDeviation: Double?
  /// The seeds whose score is not finite.
  public let divergedSeeds: [Int]

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
  public var isDiverged: Bool { !divergedSeeds.isEmpty }
}
