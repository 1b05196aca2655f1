import Base
@testable import Measuring

/// Scores as a study would have them.
enum Arms {
  /// An arm whose documents all have `tokens` predictions of these means, by seed.
  static func even(
    _ name: String, _ means: [Int: [Double]], tokens: Int = 10
  ) -> ArmScores {
    ArmScores(
      name: name,
      runs: means.mapValues { $0.map { DocumentScore(tokens: tokens, nll: $0 * Double(tokens)) } })
  }

  /// An arm of seeds 1, 2, …, each run with one mean for all of four documents.
  static func flat(_ name: String, _ means: [Double]) -> ArmScores {
    let runs = means.enumerated().map { ($0.offset + 1, Array(repeating: $0.element, count: 8)) }
    return even(name, Dictionary(uniqueKeysWithValues: runs))
  }

  /// What chance does to the scores of a simulated study, in standard deviations.
  struct Noise {
    /// What a seed does to all arms alike, and to one arm alone.
    var shared = 0.05
    var seed = 0.01
    /// What a document is, and does to one arm alone, and to one run alone.
    var document = 0.5
    var preference = 0.05
    var residue = 0.05
  }

  /// A simulated study: arms of true means, over some seeds, on documents of various lengths.
  static func study(
    _ means: [Double], seeds: Int, documents: Int, noise: Noise = Noise(), number: UInt64
  ) -> [ArmScores] {
    var generator = SplitMix64(seed: number, name: "study")
    func draws(_ count: Int, _ deviation: Double) -> [Double] {
      (0..<count).map { _ in deviation * Double(generator.normal()) }
    }
    let lengths = (0..<documents).map { _ in Int(generator.next() % 40) + 5 }
    let (texts, shared) = (draws(documents, noise.document), draws(seeds, noise.shared))
    return means.enumerated().map { arm, mean in
      let preferences = draws(documents, noise.preference)
      let runs = (0..<seeds).map { seed in
        let level = 3 + mean + shared[seed] + draws(1, noise.seed)[0]
        let residues = draws(documents, noise.residue)
        let scores = (0..<documents).map { document in
          let value = level + texts[document] + preferences[document] + residues[document]
          return DocumentScore(
            tokens: lengths[document], nll: value * Double(lengths[document]))
        }
        return (seed, scores)
      }
      return ArmScores(name: "arm\(arm)", runs: Dictionary(uniqueKeysWithValues: runs))
    }
  }
}
