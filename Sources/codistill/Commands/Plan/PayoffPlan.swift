import Reports
import Studies

/// Whether caching and distilling are likely to pay, from what examples/when-it-pays measured. (`plan`)
struct PayoffPlan: Encodable {
  /// The predictions of the corpus.
  let corpusTokens: Int
  /// The passes of the run over it.
  let passes: Double
  /// The student's layers as a share of its teacher's.
  let depth: Double
  /// The gain that was measured nearest to them.
  let studied: StudiedGain
  /// Whether that is near enough to be more than a hint.
  let isNear: Bool
  /// The share of caching in the time of caching and training, for one student.
  let cachingShare: Double
  /// The same for each of eight students of one cache.
  let cachingShareOfEight: Double

  /// The payoff of a run over a planned cache; nil where nothing was studied.
  ///
  /// - Parameters:
  ///   - corpusTokens: The cache's predictions.
  ///   - trainedTokens: Those of the run.
  ///   - cachingSeconds: The seconds of making the cache.
  ///   - trainingSeconds: The seconds of the run.
  ///   - depth: The student's layers as a share of its teacher's.
  init?(
    corpusTokens: Int, trainedTokens: Int, cachingSeconds: Double, trainingSeconds: Double,
    depth: Double
  ) {
    guard corpusTokens > 0, trainedTokens > 0 else { return nil }
    let passes = Double(trainedTokens) / Double(corpusTokens)
    guard
      let studied = StudiedGain.nearest(corpusTokens: corpusTokens, passes: passes, depth: depth)
    else { return nil }
    self.corpusTokens = corpusTokens
    self.passes = passes
    self.depth = depth
    self.studied = studied
    isNear = studied.isNear(corpusTokens: corpusTokens, passes: passes, depth: depth)
    cachingShare = cachingSeconds / (cachingSeconds + trainingSeconds)
    cachingShareOfEight = cachingSeconds / (cachingSeconds + 8 * trainingSeconds)
  }

  /// The answer, for people.
  var text: String {
    var table = Table([.words("does it pay"), .words("as examples/when-it-pays measured it")])
    table.append([
      "nearest",
      "\(Figures.count(studied.corpusTokens)) tokens × \(Figures.significant(studied.passes)), "
        + "\(studied.layers) of SmolLM2-135M's \(StudiedGain.teacherLayers) layers, "
        + "\(studied.seeds) seeds; yours: \(Figures.count(corpusTokens)) × "
        + "\(Figures.significant(passes)), \(Figures.percent(depth)) of the layers"
        + (isNear ? "" : ", far from it: take it as a hint"),
    ])
    table.append(["the corpus's kinds", Self.words(studied.seen)])
    table.append(["other text", Self.words(studied.unseen)])
    table.append([
      "the cache",
      "\(Figures.percent(cachingShare)) of the time for one student, "
        + "\(Figures.percent(cachingShareOfEight)) for each of eight",
    ])
    return table.text
  }

  private static func words(_ gain: StudiedGain.Gain) -> String {
    let size = "\(Figures.decimal(abs(gain.nats))) ± \(Figures.decimal(gain.halfWidth)) nats"
    guard gain.isToldApart else {
      return "not told apart from hard labels (\(gain.nats < 0 ? "−" : "")\(size))"
    }
    return size + (gain.nats > 0 ? " better" : " worse") + " than hard labels"
  }
}
