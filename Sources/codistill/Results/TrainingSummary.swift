import Reports

/// How a run went. (`pretrain`, `distill`)
struct TrainingSummary: Encodable {
  /// The optimizer steps.
  var steps: Int
  /// The predictions that were trained on.
  var tokens: Int
  /// The predictions trained on per second of training.
  var tokensPerSecond: Double
  /// The steps in which nothing counted, so that nothing was updated.
  var skippedSteps: Int
  /// The loss of the last step, in nats a token.
  var finalLoss: Double
  /// The greatest resident memory of the process, in bytes.
  var peakRssBytes: Int
  /// The seconds of training, over all the processes that worked on the run.
  var seconds: Double
  /// The student's checkpoint.
  var output: String
  /// Whether the run stopped before its last step.
  var isInterrupted: Bool
  /// The cache that the training wrote from its own forward passes, if it did.
  var emittedCache: CacheSummary?
  /// Where the time of a step went, if that was asked for.
  var profile: ProfileSummary?

  /// The summary for people.
  var text: String {
    """
    \(steps) steps, \(Figures.count(tokens)) tokens in \(Figures.duration(seconds: seconds)) \
    (\(Figures.count(tokensPerSecond)) tokens/s), final loss \(Figures.decimal(finalLoss)), \
    peak memory \(Figures.bytes(peakRssBytes))
    student: \(output)
    """ + (emittedCache.map { "\n" + $0.text } ?? "")
  }
}
