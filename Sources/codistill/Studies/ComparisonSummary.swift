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
  /// What is to be known of that text: what of it runs trained on, and windows beyond a context; nil
  /// where there is nothing.
  var textNotes: [String]?

  /// Two arms against each other, seed by seed.
  struct Pair: Encodable {
    /// The arm that ranks higher, and the one that ranks lower.
    var first, second: String
    /// The seeds that both have.
    var seeds: [Int]
    /// The documents that both were scored on.
    var documents: Int
    /// The mean of the first's NLL less the second's over these, in nats a token.
    var difference: Double
    /// Half the width of its own 95 % interval; nil with one seed or document.
    var halfWidth: Double?
    /// The standard error over seeds; nil with one.
    var seedStderr: Double?
    /// The standard error over documents; nil with one.
    var documentStderr: Double?
    /// The two-sided p of no difference; nil with one seed or document.
    var p: Double?
    /// The same after Holm's correction over all pairs.
    var holmP: Double?
    /// Whether that is below 0.05.
    var isToldApart: Bool
    /// Whether it is so over at least five seeds.
    var isClaim: Bool
  }

  /// The best arm with a teacher's signal against the best without, both chosen after the fact.
  struct Gain: Encodable {
    /// The arm that was distilled.
    var arm: String
    /// The arm that learnt from labels alone.
    var baseline: String
    /// The first's NLL less the second's, in nats a token: below zero where distillation helps.
    var difference: Double
    /// Half the width of a 95 % interval that holds for all tested pairs at once; nil with one seed
    /// or document.
    var halfWidth: Double?
    /// The two-sided p after Holm's correction over all pairs; nil with one seed or document.
    var holmP: Double?
    /// The seeds that both have.
    var seeds: Int
    /// How many pairs of an arm with and one without a teacher there were to choose from.
    var choices: Int
    /// How many pairs were tested.
    var tests: Int
    /// Whether the corrected p is below 0.05.
    var isToldApart: Bool
    /// Whether it is so over at least five seeds.
    var isClaim: Bool
    /// What may be said of it, in a few words.
    var verdict: String
    /// The same as a sentence.
    var sentence: String
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
