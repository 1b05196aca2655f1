import Foundation

/// A gain of distilling over hard labels, as examples/when-it-pays measured it.
///
/// Students of SmolLM2-135M, on the same sequences for both, the labels as long as they help. See its
/// README for what it does not say.
package struct StudiedGain: Sendable, Equatable, Encodable {
  /// How much lower the student's held-out loss is than that of hard labels.
  package struct Gain: Sendable, Equatable, Encodable {
    /// The difference in nats a token; above 0 where distilling is better.
    package let nats: Double
    /// Half of its 95 % interval, over seeds and documents.
    package let halfWidth: Double

    /// Whether the interval leaves out 0.
    package var isToldApart: Bool { abs(nats) > halfWidth }

    init(_ nats: Double, _ halfWidth: Double) {
      self.nats = nats
      self.halfWidth = halfWidth
    }
  }

  /// The predictions of the corpus.
  package let corpusTokens: Int
  /// The passes over it.
  package let passes: Double
  /// The layers of the student, of the teacher's 30.
  package let layers: Int
  /// The seeds that were trained.
  package let seeds: Int
  /// The gain on other text of the corpus's kinds.
  package let seen: Gain
  /// The gain on text of kinds that the corpus lacks.
  package let unseen: Gain
}

extension StudiedGain {
  /// The layers of the study's teacher.
  package static let teacherLayers = 30

  /// The study's rows: examples/when-it-pays/gains.csv, which a test holds against this.
  package static let all = [
    StudiedGain(
      corpusTokens: 40_960, passes: 4, layers: 6, seeds: 5, seen: Gain(0.600, 0.125),
      unseen: Gain(1.123, 0.313)),
    StudiedGain(
      corpusTokens: 40_960, passes: 1, layers: 20, seeds: 5, seen: Gain(-0.013, 0.066),
      unseen: Gain(0.195, 0.066)),
  ]

  /// The row that is nearest to a corpus, its passes and the student's share of the teacher's layers.
  ///
  /// A factor of two in tokens or passes counts as much as a third of the teacher's layers.
  package static func nearest(
    corpusTokens: Int, passes: Double, depth: Double
  ) -> StudiedGain? {
    all.min {
      $0.distance(corpusTokens, passes, depth) < $1.distance(corpusTokens, passes, depth)
    }
  }

  /// The student's layers as a share of its teacher's.
  private var depth: Double { Double(layers) / Double(Self.teacherLayers) }

  private func distance(_ tokens: Int, _ passes: Double, _ depth: Double) -> Double {
    hypot(
      hypot(log2(Double(tokens) / Double(corpusTokens)), log2(passes / self.passes)),
      3 * (depth - self.depth))
  }

  /// Whether a corpus and its passes are within a factor of four, and of two, of the row's own, and the
  /// student's depth within a sixth of its teacher's.
  package func isNear(corpusTokens: Int, passes: Double, depth: Double) -> Bool {
    abs(log2(Double(corpusTokens) / Double(self.corpusTokens))) <= 2
      && abs(log2(passes / self.passes)) <= 1 && abs(depth - self.depth) <= 1 / 6.0
  }
}
