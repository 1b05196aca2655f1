/// A finished study as plain values: what its page shows.
///
/// An arm is one configuration, trained once for each seed. Arms are known by their names, which
/// every list here repeats; an arm that a list leaves out is left out of that figure. Losses,
/// divergences and their differences are in nats a token, shares lie between 0 and 1.
public struct StudyReport: Sendable, Equatable {
  /// What was studied, in a few words.
  public var title: String
  /// When, as a text for people.
  public var created: String
  /// The version of the program.
  public var version: String
  /// The commands that give the same study again, in order.
  public var commands: [String]
  /// What these commands read, by name.
  public var inputs: [Setting]
  /// The result in one sentence or two.
  public var conclusion: String
  /// What a reader must know to weigh the result, a sentence each.
  public var notes: [String]
  /// The arms, the best first.
  public var ranking: [Row]
  /// What distillation gains over plain language modelling, where both were trained.
  public var gain: Gain?
  /// Every two arms against each other.
  public var pairs: [Pair]
  /// What was logged of every run.
  public var runs: [Run]
  /// The held-out loss of each arm by position, a mean over its seeds.
  public var positions: [PositionCurve]
  /// What the groups are, in one word: `language`, `domain`.
  public var groupKey: String
  /// The held-out loss of each arm within each group of documents.
  public var groups: [Group]
  /// How each arm continues some prompts.
  public var samples: [Sample]
  /// The settings in which the arms differ.
  public var differences: [Difference]
  /// The settings that all arms share.
  public var common: [Setting]
  /// The arms that were given up before their end.
  public var stopped: [StoppedArm]
  /// The teacher's own figures on the same held-out text, if it was measured.
  public var teacher: Teacher?

  /// A report without results; set what was measured.
  public init(
    title: String, created: String, version: String, commands: [String], conclusion: String,
    notes: [String] = []
  ) {
    (self.title, self.created, self.version) = (title, created, version)
    (self.commands, self.conclusion, self.notes) = (commands, conclusion, notes)
    (ranking, gain, pairs, runs, positions) = ([], nil, [], [], [])
    (groupKey, groups, samples) = ("group", [], [])
    (differences, common, stopped, teacher) = ([], [], [], nil)
    inputs = []
  }
}
