extension StudyReport {
  /// An arm and how it came out, over its seeds.
  public struct Row: Sendable, Equatable {
    /// The arm.
    public var arm: String
    /// The seeds it was trained from.
    public var seeds: Int
    /// The mean held-out loss.
    public var nll: Double
    /// Half the width of the loss's 95 % interval over seeds and documents; nil for a single one of
    /// either.
    public var nllHalfWidth: Double?
    /// The held-out loss of each seed, in the order of the seeds.
    public var seedNLLs: [Double]
    /// The mean of the paired differences to the best arm, above zero where this one is worse;
    /// nil for the best.
    public var difference: Double?
    /// Half the width of the difference's 95 % interval.
    public var differenceHalfWidth: Double?
    /// The difference's p-value after Holm's correction.
    public var holmP: Double?
    /// The exponential of the mean loss.
    public var perplexity: Double
    /// The mean divergence from the teacher.
    public var kl: Double?
    /// The standard error of that mean, over seeds and documents.
    public var klStandardError: Double?
    /// The divergence's median over the tokens.
    public var klMedian: Double?
    /// The divergence that 95 % of the tokens do not exceed.
    public var kl95: Double?
    /// The divergence that 99 % of the tokens do not exceed.
    public var kl99: Double?
    /// The divergence that 99.9 % of the tokens do not exceed.
    public var kl999: Double?
    /// The share of tokens where teacher and student rank the same one first.
    public var top1: Double?
    /// The standard error of that share, over seeds and documents.
    public var top1StandardError: Double?
    /// The expected calibration error.
    public var ece: Double?
    /// The share of drafted tokens that the teacher would accept in speculative decoding.
    public var acceptance: Double?
    /// Whether the acceptance is only an upper bound, because the teacher's targets are sparse.
    public var acceptanceIsBound: Bool
    /// The predictions a run was trained on.
    public var tokens: Int
    /// The seconds a run took, a mean over the seeds.
    public var seconds: Double

    /// A row with the figures that every arm has; set what else was measured.
    public init(
      arm: String, seeds: Int, nll: Double, nllHalfWidth: Double? = nil, perplexity: Double,
      tokens: Int, seconds: Double
    ) {
      (self.arm, self.seeds, self.nll, self.nllHalfWidth) = (arm, seeds, nll, nllHalfWidth)
      (self.perplexity, self.tokens, self.seconds) = (perplexity, tokens, seconds)
      (seedNLLs, acceptanceIsBound) = ([], false)
    }
  }

  /// Two arms against each other, seed by seed.
  public struct Pair: Sendable, Equatable {
    /// The first arm.
    public var arm: String
    /// The second arm.
    public var other: String
    /// The mean of the first's held-out loss minus the second's.
    public var difference: Double
    /// Half the width of the difference's 95 % interval; nil for a single seed or document.
    public var halfWidth: Double?
    /// The p-value after Holm's correction over all pairs; nil for a single seed or document.
    public var holmP: Double?
    /// What may be said, in a few words: "a is better", "cannot be told apart".
    public var verdict: String

    /// A pair.
    public init(
      arm: String, other: String, difference: Double, halfWidth: Double?, holmP: Double?,
      verdict: String
    ) {
      (self.arm, self.other, self.difference) = (arm, other, difference)
      (self.halfWidth, self.holmP, self.verdict) = (halfWidth, holmP, verdict)
    }
  }

  /// What an arm gains over plain language modelling.
  public struct Gain: Sendable, Equatable {
    /// The arm.
    public var arm: String
    /// The arm that learnt from labels alone.
    public var baseline: String
    /// By how much the arm's held-out loss is lower; below zero where it is higher.
    public var nats: Double
    /// Half the width of a 95 % interval that holds for all pairs at once; nil where there is none.
    public var halfWidth: Double?
    /// Its p-value after Holm's correction over all pairs; nil where there is none.
    public var p: Double?
    /// What may be said of it, in a few words.
    public var verdict: String

    /// A gain.
    public init(
      arm: String, baseline: String, nats: Double, halfWidth: Double?, p: Double? = nil,
      verdict: String = ""
    ) {
      (self.arm, self.baseline, self.nats) = (arm, baseline, nats)
      (self.halfWidth, self.p, self.verdict) = (halfWidth, p, verdict)
    }
  }

  /// An arm that was given up before its end.
  public struct StoppedArm: Sendable, Equatable {
    /// The arm.
    public var arm: String
    /// The step it was stopped after.
    public var step: Int
    /// Why, in a few words.
    public var reason: String

    /// A stopped arm.
    public init(arm: String, step: Int, reason: String) {
      (self.arm, self.step, self.reason) = (arm, step, reason)
    }
  }

  /// The teacher, measured as the students were.
  public struct Teacher: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its held-out loss.
    public var nll: Double
    /// The exponential of the loss.
    public var perplexity: Double
    /// Its expected calibration error.
    public var ece: Double?
    /// Its held-out loss by position.
    public var positions: [PositionBin]

    /// A teacher's figures.
    public init(
      name: String, nll: Double, perplexity: Double, ece: Double? = nil,
      positions: [PositionBin] = []
    ) {
      (self.name, self.nll, self.perplexity) = (name, nll, perplexity)
      (self.ece, self.positions) = (ece, positions)
    }
  }
}
