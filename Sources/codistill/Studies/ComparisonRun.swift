/// A run and its measurements.
struct ComparisonRun: Encodable {
  /// The run's name.
  var name: String
  /// The arm's name.
  var arm: String
  /// The seed of its data order and fresh weights.
  var seed: Int
  /// The optimizer steps.
  var steps: Int
  /// The predictions that were trained on.
  var tokens: Int
  /// The seconds of training, and of caching where the run needed a cache.
  var seconds: Double
  /// The run's folder.
  var output: String
  /// The figures on held-out text; their keys stand beside those of the run.
  var evaluation: EvaluationSummary
  /// How the student continues the first prompt.
  var sample: String?
  /// How it continues each prompt.
  var samples: [Sample]
  /// Whether it saw the same sequences in the same order as the first run of its seed, and was not
  /// cut short.
  var sharesOrder: Bool
  /// Whether a time limit ended it before its last step.
  var isCutShort: Bool

  /// A prompt and how it goes on.
  struct Sample: Encodable {
    /// The prompt.
    var prompt: String
    /// The prompt with its continuation.
    var text: String
  }

  enum CodingKeys: String, CodingKey {
    case name, arm, seed, steps, tokens, seconds, output, sample, samples, sharesOrder
    case isCutShort
    case evaluatedTokens
  }

  func encode(to encoder: any Encoder) throws {
    // First the measurement, whose `tokens` are then those of the training.
    try evaluation.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(arm, forKey: .arm)
    try container.encode(seed, forKey: .seed)
    try container.encode(steps, forKey: .steps)
    try container.encode(tokens, forKey: .tokens)
    try container.encode(evaluation.tokens, forKey: .evaluatedTokens)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(output, forKey: .output)
    try container.encodeIfPresent(sample, forKey: .sample)
    try container.encode(samples, forKey: .samples)
    try container.encode(sharesOrder, forKey: .sharesOrder)
    try container.encode(isCutShort, forKey: .isCutShort)
  }
}
