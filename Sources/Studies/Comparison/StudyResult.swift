import Base
package import Measuring
package import Training

/// The findings of a comparison.
package struct StudyResult: Sendable {
  /// A run with its measurements.
  package struct Row: Sendable {
    /// The run's name: the arm's, and the seed's where the comparison has seeds.
    package var name: String
    /// The arm's name.
    package var arm: String
    /// The seed of its data order and fresh weights.
    package var seed: Int
    /// The run's folder.
    package var folder: String
    /// The run's config.
    package var config: RunConfig
    /// The state of its training when it was measured.
    package var state: TrainingState
    /// Its share of the seconds that its cache took; they count as the run's.
    package var cachingSeconds: Double
    /// The measurements on the held-out texts, in their order, with the live teacher if there is
    /// one.
    package var evaluations: [EvaluationReport]
    /// The student's continuations of the prompts.
    package var samples: [TextSample]
    /// Whether it saw the same sequences in the same order as the first run of its seed, and was
    /// not cut short; that its own rule ended it is part of what is compared.
    package var sharesOrder: Bool
    /// Whether a time limit ended it before its last step.
    package var isCutShort: Bool
    /// Whether its own rule ended it before its last step: `evaluation.patience`.
    package var isStoppedEarly: Bool
  }

  /// A run that diverged, which is not measured.
  package struct DivergedRun: Sendable {
    /// The run's name.
    package var name: String
    /// The arm's name.
    package var arm: String
    /// The seed of its data order and fresh weights.
    package var seed: Int
    /// The run's folder.
    package var folder: String
    /// The point where it diverged.
    package var divergence: RunDivergence
  }

  /// An arm.
  package struct Arm: Sendable {
    /// The name.
    package var name: String
    /// The config of its first run.
    package var config: RunConfig
    /// Its finished runs, in the order of the seeds; none where all of them diverged.
    package var rows: [Row]
    /// The seeds whose runs diverged.
    package var divergedSeeds: [Int]
    /// Whether the teacher's signal weighs nothing at any step: plain language modelling.
    package var isPlain: Bool
  }

  /// An arm that was stopped before its end.
  package struct StoppedArm: Sendable {
    /// The name.
    package var name: String
    /// The share of the steps after which it was.
    package var share: Double
    /// Its runs, measured at that step.
    package var rows: [Row]
  }

  /// The arms that were trained to their end, in the order of the config.
  package var arms: [Arm]
  /// The runs that diverged, in the order of the runs.
  package var diverged: [DivergedRun]
  /// The arms that were stopped, in the order in which they were.
  package var stopped: [StoppedArm]
  /// The judgements made on the way, if any.
  package var rounds: [HalvingRound]
  /// The rule by which arms were stopped; nil where none could be.
  package var halving: HalvingConfig?
  /// The names of the held-out texts, the one that ranks the arms first; none where there is one
  /// alone.
  package var sets: [String]
  /// The arm that the others are compared with; nil compares every two.
  package var baseline: String?
  /// The effort that all runs had alike; nil left it to their configs.
  package var budget: BudgetConfig?
  /// The students among whom the time of making a cache is shared.
  package var students: Int
  /// The teacher's own figures on the held-out texts, in their order; none without a teacher.
  package var teachers: [EvaluationReport]
  /// SHA-256 of that teacher.
  package var teacherFingerprint: String?
  /// The teacher's continuations of the prompts.
  package var teacherSamples: [TextSample]

  /// The finished runs, seed by seed, in the order of the arms.
  package var rows: [Row]
  /// Remarks on the text that all are measured on, each as one line.
  package var textNotes: [String]
}

extension StudyResult {
  /// The teacher's own figures on the text that ranks the arms, if there is a teacher.
  package var teacher: EvaluationReport? { teachers.first }

  /// The same runs as they are on each of the other texts, by its name.
  ///
  /// Stopped arms were judged, and measured, on the first text alone.
  package var others: [(name: String, result: StudyResult)] {
    sets.indices.dropFirst().map { place in
      var other = self
      other.sets = [sets[place]]
      other.stopped = []
      other.rows = rows.map { $0.alone(place) }
      for arm in arms.indices { other.arms[arm].rows = arms[arm].rows.map { $0.alone(place) } }
      other.teachers = teachers.indices.contains(place) ? [teachers[place]] : []
      return (sets[place], other)
    }
  }

  /// The scores of the arms that were trained to their end; a run that diverged has no numbers.
  package var scores: [ArmScores] {
    let measured = rows.first?.evaluation.documents ?? [DocumentScore(tokens: 1, nll: .nan)]
    let none = measured.map { DocumentScore(tokens: $0.tokens, nll: .nan) }
    return arms.map { arm in
      let runs =
        arm.rows.map { ($0.seed, $0.evaluation.documents) } + arm.divergedSeeds.map { ($0, none) }
      return ArmScores(name: arm.name, runs: Dictionary(runs) { first, _ in first })
    }
  }
}

extension StudyResult.Row {
  /// The measurement on the text that ranks the arms.
  package var evaluation: EvaluationReport { evaluations[0] }

  /// The run with its measurement on one text alone, and without texts of its own.
  fileprivate func alone(_ place: Int) -> Self {
    var row = self
    row.evaluations = [evaluations[place]]
    row.samples = []
    return row
  }

  /// The seconds of training, and of caching where the run needed a cache.
  package var seconds: Double { state.seconds + cachingSeconds }
}

extension StudyResult.StoppedArm {
  /// The step after which it was stopped.
  package var step: Int { rows.map(\.state.step).max() ?? 0 }

  /// The mean held-out NLL of its runs at that step.
  package var nll: Double {
    rows.map(\.evaluation.nll).reduce(0, +) / Double(max(rows.count, 1))
  }
}

extension StudyResult.Row: Encodable {
  /// Encodes the measurement with the run's facts beside it; `tokens` are those of the training.
  package func encode(to encoder: any Encoder) throws {
    try EvaluationFigures(evaluation).encode(to: encoder)
    try encoder.encode([
      "name": name, "arm": arm, "seed": seed, "steps": state.step, "tokens": state.tokens,
      "evaluatedTokens": evaluation.tokens, "seconds": seconds, "output": folder,
      "sample": samples.first?.text, "samples": samples, "sharesOrder": sharesOrder,
      "isCutShort": isCutShort, "bestStep": state.best?.step,
      "stoppedEarly": state.best.map { _ in isStoppedEarly },
    ])
  }
}

extension StudyResult.DivergedRun: Encodable {
  /// Encodes the run and where it diverged as one flat object.
  package func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "name": name, "arm": arm, "seed": seed, "step": divergence.step, "loss": divergence.loss,
      "gradientNorm": divergence.gradientNorm, "output": folder,
    ])
  }
}

extension StudyResult.StoppedArm: Encodable {
  /// Encodes the arm, when it was stopped, and its runs at that step.
  package func encode(to encoder: any Encoder) throws {
    try encoder.encode(["arm": name, "share": share, "step": step, "nll": nll, "runs": rows])
  }
}
