
extension Study {
  /// A group of held-out documents: a language, a domain.
  struct Group {
    /// Its name.
    var name: String
    /// The predictions measured in it.
    var tokens: Int
    /// The loss of each arm.
    var arms: [GroupLoss]
    /// The teacher's loss.
    var teacher: Double?
  }

  /// The held-out loss of an arm within a group.
  struct GroupLoss {
    /// The arm.
    var arm: String
    /// The mean loss over its seeds.
    var nll: Double
    /// Half the width of the loss's 95 % interval, if known.
    var halfWidth: Double?
  }

  /// A prompt and how the arms continue it.
  struct Sample {
    /// The prompt.
    var prompt: String
    /// The continuations.
    var texts: [ArmText]
  }

  /// A text that belongs to an arm.
  struct ArmText {
    /// The arm, or the teacher's name.
    var arm: String
    /// The text.
    var text: String
  }

  /// A setting that differs between arms.
  struct Difference {
    /// Its path in the configuration: `training.learning_rate`.
    var key: String
    /// Its value in each arm that has one.
    var values: [ArmText]
  }
}

extension Study.Group {
  /// The groups of the held-out documents; none where the data has none.
  static func all(_ result: StudyResult) -> [Self] {
    let groups = result.rows.first?.evaluation.groups ?? []
    return groups.map { group in
      Self(
        name: group.name, tokens: group.tokens,
        arms: result.arms.map { .init($0, group: group.name) },
        teacher: result.teacher?.groups.first { $0.name == group.name }?.nll)
    }
  }
}

extension Study.GroupLoss {
  /// The mean of an arm's seeds within a group, with its interval over seeds and documents.
  fileprivate init(_ arm: StudyResult.Arm, group: String) {
    let losses = arm.rows.compactMap { row in
      row.evaluation.groups.first { $0.name == group }?.nll
    }
    let documents = arm.rows.map { $0.evaluation.documents.filter { $0.group == group } }
    self.init(
      arm: arm.name, nll: Distillation.Sample(losses).mean,
      halfWidth: HeldOutMean(documents, \.nll)?.interval?.halfWidth)
  }
}

extension Study.Sample {
  /// The prompts with the texts of each arm's first seed, and the teacher's own.
  static func all(_ result: StudyResult, _ prompts: [String]) -> [Self] {
    prompts.compactMap { prompt in
      var texts = result.arms.compactMap { arm in
        arm.rows.first.flatMap { text($0.samples, prompt, arm.name) }
      }
      if let teacher = text(result.teacherSamples, prompt, "teacher") { texts.append(teacher) }
      return texts.isEmpty ? nil : Self(prompt: prompt, texts: texts)
    }
  }

  private static func text(
    _ samples: [TextSample], _ prompt: String, _ arm: String
  ) -> Study.ArmText? {
    samples.first { $0.prompt == prompt }.map { .init(arm: arm, text: $0.text) }
  }
}
