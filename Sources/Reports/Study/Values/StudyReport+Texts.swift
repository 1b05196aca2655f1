extension StudyReport {
  /// A group of held-out documents: a language, a domain.
  public struct Group: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// The predictions measured in it.
    public var tokens: Int?
    /// The loss of each arm.
    public var arms: [GroupLoss]
    /// The teacher's loss.
    public var teacher: Double?

    /// A group.
    public init(name: String, tokens: Int? = nil, arms: [GroupLoss], teacher: Double? = nil) {
      (self.name, self.tokens, self.arms, self.teacher) = (name, tokens, arms, teacher)
    }
  }

  /// The held-out loss of an arm within a group.
  public struct GroupLoss: Sendable, Equatable {
    /// The arm.
    public var arm: String
    /// The mean loss over its seeds.
    public var nll: Double
    /// Half the width of the loss's 95 % interval, if known.
    public var halfWidth: Double?

    /// A loss.
    public init(arm: String, nll: Double, halfWidth: Double? = nil) {
      (self.arm, self.nll, self.halfWidth) = (arm, nll, halfWidth)
    }
  }

  /// A prompt and how the arms continue it.
  public struct Sample: Sendable, Equatable {
    /// The prompt.
    public var prompt: String
    /// The continuations.
    public var texts: [ArmText]

    /// A sample.
    public init(prompt: String, texts: [ArmText]) { (self.prompt, self.texts) = (prompt, texts) }
  }

  /// A text that belongs to an arm.
  public struct ArmText: Sendable, Equatable {
    /// The arm, or the teacher's name.
    public var arm: String
    /// The text.
    public var text: String

    /// A text.
    public init(arm: String, text: String) { (self.arm, self.text) = (arm, text) }
  }

  /// A setting that differs between arms.
  public struct Difference: Sendable, Equatable {
    /// Its path in the configuration: `training.learning_rate`.
    public var key: String
    /// Its value in each arm that has one.
    public var values: [ArmText]

    /// A difference.
    public init(key: String, values: [ArmText]) { (self.key, self.values) = (key, values) }
  }

  /// A setting that all arms share.
  public struct Setting: Sendable, Equatable {
    /// Its path in the configuration.
    public var key: String
    /// Its value.
    public var value: String

    /// A setting.
    public init(key: String, value: String) { (self.key, self.value) = (key, value) }
  }
}
