package import Base

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

/// Every run of every arm with its mean, on the documents and on resamples of them.
struct ResampledArms {
  /// The means of a run.
  struct Run {
    let mean: Double
    let resampled: [Double]
  }

  /// The runs of each arm by their seeds.
  let arms: [[Int: Run]]
  /// The number of documents with predictions.
  let documents: Int

  /// Checks that all runs were scored on the same documents, and resamples these.
  init(_ arms: [ArmScores], _ bootstrap: DocumentBootstrap) throws(StatisticsError) {
    let keys = arms.indices.flatMap { arm in arms[arm].runs.keys.sorted().map { (arm, $0) } }
    let runs = keys.map { arms[$0.0].runs[$0.1] ?? [] }
    let names = keys.map { "\(arms[$0.0].name), seed \($0.1)," }
    let tokens = try Self.tokens(of: runs, names)
    let sums = runs.map { $0.map(\.nll) }
    let total = Double(tokens.reduce(0, +))
    let means = bootstrap.means(of: sums, tokens: tokens)
    var resampled = arms.map { _ in [Int: Run]() }
    for (index, key) in keys.enumerated() {
      resampled[key.0][key.1] = Run(
        mean: sums[index].reduce(0, +) / total, resampled: means[index])
    }
    self.arms = resampled
    documents = tokens.count { $0 > 0 }
  }

  /// The predictions of each document, the same of every run.
  private static func tokens(
    of runs: [[DocumentScore]], _ names: [String]
  ) throws(StatisticsError) -> [Int] {
    guard let tokens = runs.first.map({ $0.map(\.tokens) }) else { return [] }
    guard tokens.contains(where: { $0 > 0 }) else { throw .noPredictions(run: names[0]) }
    for (run, name) in zip(runs, names) where run.map(\.tokens) != tokens {
      throw .differentDocuments(run: names[0], other: name)
    }
    return tokens
  }

  /// Two arms, seed for seed; nil where they share no seed or one of the shared runs is not finite.
  func compare(_ first: Int, _ second: Int) -> PairedComparison? {
    let seeds = arms[first].keys.filter { arms[second][$0] != nil }.sorted()
    let pairs = seeds.compactMap { seed in
      arms[first][seed].flatMap { a in arms[second][seed].map { (a, $0) } }
    }
    let differences = pairs.map { $0.0.mean - $0.1.mean }
    guard !pairs.isEmpty, differences.allSatisfy(\.isFinite) else { return nil }
    let resampled = pairs[0].0.resampled.indices.map { draw in
      pairs.reduce(0) { $0 + $1.0.resampled[draw] - $1.1.resampled[draw] } / Double(pairs.count)
    }
    return PairedComparison(
      seeds: seeds, differences: differences, resampled: resampled, documents: documents)
  }
}

/// Why runs cannot be compared.
package enum StatisticsError: Error, Equatable, CustomStringConvertible {
  /// Two runs were scored on different text.
  case differentDocuments(run: String, other: String)
  /// Two arms have the same name.
  case repeatedArm(name: String)
  /// A run was scored on no predictions.
  case noPredictions(run: String)

  /// One line: which runs, and what to do.
  package var description: String {
    switch self {
    case .differentDocuments(let run, let other):
      "\(run) and \(other) were scored on different documents; score both on the same held-out data"
    case .repeatedArm(let name): "two arms are named '\(name)'; give each a name of its own"
    case .noPredictions(let run):
      "\(run) was scored on no predictions; give held-out text whose predictions count"
    }
  }
}

extension StatisticsError: ExitStatusError {
  package var exitStatus: ExitStatus { .badData }
}
