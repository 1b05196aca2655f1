import Reports

/// Several arms, measured on the same text. (`compare`)
struct ComparisonSummary: Encodable {
  /// The finished runs, seed by seed, in the order of the arms.
  var runs: [ComparisonRun]
  /// The names of the arms that were trained to their end, the least held-out NLL first.
  var ranking: [String]
  /// These arms in that order, over their seeds.
  var arms: [ComparisonArmSummary]
  /// Every two of them against each other.
  var pairs: [Pair]
  /// Who won, or how many share the first place.
  var headline: String
  /// What can be said, in plain words.
  var sentence: String
  /// What distillation gains over plain language modelling, where both were trained.
  var gain: Gain?
  /// The runs that diverged, which are not measured.
  var diverged: [DivergedRun]
  /// The arms that were stopped before their end, which are not ranked.
  var stopped: [StoppedArm]
  /// The rule by which they were stopped.
  var halving: Halving
  /// The teacher's own held-out NLL.
  var teacherNll: Double?
  /// The teacher's own figures on the same text.
  var teacher: EvaluationSummary?

  /// Two arms against each other, seed by seed.
  struct Pair: Encodable {
    /// The arm that ranks higher, and the one that ranks lower.
    var first, second: String
    /// The seeds that both have.
    var seeds: [Int]
    /// The mean of the first's NLL less the second's over these, in nats a token.
    var difference: Double
    /// Half the width of its 95 % interval; nil with one seed.
    var halfWidth: Double?
    /// The standard error over seeds; nil with one.
    var seedStderr: Double?
    /// The standard error over documents; nil with one.
    var documentStderr: Double?
    /// The two-sided p of no difference; nil with one seed.
    var p: Double?
    /// The same after Holm's correction over all pairs.
    var holmP: Double?
    /// Whether that is below 0.05.
    var isToldApart: Bool
    /// Whether it is so over at least five seeds.
    var isClaim: Bool
  }

  /// The best arm with a teacher's signal against the best without.
  struct Gain: Encodable {
    /// The arm that was distilled.
    var arm: String
    /// The arm that learnt from labels alone.
    var baseline: String
    /// The first's NLL less the second's, in nats a token: below zero where distillation helps.
    var difference: Double
    /// Half the width of its 95 % interval; nil with one seed.
    var halfWidth: Double?
    /// The two-sided p after Holm's correction; nil with one seed.
    var holmP: Double?
    /// The seeds that both have.
    var seeds: Int
  }

  /// A run that diverged.
  struct DivergedRun: Encodable {
    /// The run's name.
    var name: String
    /// The arm's name.
    var arm: String
    /// The seed of its data order and fresh weights.
    var seed: Int
    /// The last step whose loss was a number.
    var step: Int
    /// The loss of the next one.
    var loss: Double
    /// The norm of its gradient.
    var gradientNorm: Double
    /// The run's folder.
    var output: String
  }

  /// An arm that was stopped before its end.
  struct StoppedArm: Encodable {
    /// The arm.
    var arm: String
    /// The share of the steps after which it was.
    var share: Double
    /// That in steps.
    var step: Int
    /// The mean held-out NLL of its runs at that step.
    var nll: Double
    /// Its runs, measured at that step.
    var runs: [ComparisonRun]
  }

  /// The rule of successive halving.
  struct Halving: Encodable {
    /// Whether arms could be stopped.
    var isOn: Bool
    /// The shares of the steps after which arms were judged.
    var at: [Double]
    /// The share of the arms that went on after each.
    var keep: Double?
  }
}

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

/// An arm over its seeds; figures are means over these.
struct ComparisonArmSummary: Encodable {
  /// The arm's name.
  var name: String
  /// Its seeds, ascending.
  var seeds: [Int]
  /// The held-out NLL of each; nan where the run diverged.
  var nlls: [Double]
  /// Their mean, in nats a token; nan where one of the runs diverged.
  var nll: Double
  /// Half the width of its 95 % interval over seeds; nil with one.
  var nllHalfWidth: Double?
  /// Their standard deviation; nil with one seed.
  var nllStddev: Double?
  /// The mean of the paired differences to the best arm; nil for the best itself, and where they
  /// share no seed.
  var difference: Double?
  /// Half the width of its 95 % interval; nil with one seed.
  var differenceHalfWidth: Double?
  /// The difference's p after Holm's correction; nil with one seed.
  var holmP: Double?
  /// e to the mean NLL.
  var perplexity: Double
  /// KL(teacher ‖ student), in nats a token, or a lower bound of it.
  var kl: Double?
  /// The share of positions where both rank the same token first.
  var top1Agreement: Double?
  /// The expected share of the student's draws that the teacher would accept.
  var acceptance: Double?
  /// An upper bound of that, where sparse targets cannot tell more.
  var acceptanceUpperBound: Double?
  /// The expected calibration error.
  var ece: Double?
  /// The predictions that a run was trained on.
  var tokens: Int
  /// The seconds of a run, caching included.
  var seconds: Double
  /// The seeds whose run diverged.
  var divergedSeeds: [Int]
  /// Whether the teacher's signal weighs nothing at any step.
  var isPlain: Bool
  /// Whether all of its runs saw the same sequences in the same order as the first of their seed,
  /// and none was cut short.
  var sharesOrder: Bool
  /// The held-out NLL within each group of documents, where there are groups.
  var groups: [Group]?

  /// A group of documents.
  struct Group: Encodable {
    /// Its name.
    var name: String
    /// The predictions measured in it.
    var tokens: Int
    /// The mean NLL over the seeds.
    var nll: Double
    /// The mean KL(teacher ‖ student) over the seeds.
    var kl: Double?
  }
}
