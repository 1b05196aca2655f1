import Capture
import Foundation
import Measuring
package import Studies
import Training

/// A finished study: what its page shows.
///
/// An arm is one configuration, trained once for each seed. Arms are known by their names, which
/// every list here repeats; an arm that a list leaves out is left out of that figure.
package struct Study {
  /// The subject of the study, in a few words.
  var title: String
  /// The date, as a text for people.
  var created: String
  /// The version of the program.
  var version: String
  /// The command that gives the same study again.
  var command: String
  /// The inputs of that command, by name.
  var inputs: [Setting] = []
  /// The result in one sentence or two.
  var conclusion: String
  /// The facts that a reader needs to weigh the result, a sentence each.
  var notes: [String] = []
  /// The name of the held-out text that the figures are of; nil where there is one alone.
  var set: String?
  /// The same study on each of the other held-out texts.
  var others: [Study] = []
  /// The arm that differences are told from; nil: the best.
  var baseline: String?
  /// The arms, the best first.
  var ranking: [ArmReport] = []
  /// The gain of distillation over plain language modelling, where both were trained.
  var gain: ChosenPair?
  /// Every two arms against each other.
  var pairs: [RankedPair] = []
  /// The log of every run.
  var runs: [LoggedRun] = []
  /// The held-out loss of each arm by position, a mean over its seeds.
  var positions: [PositionCurve] = []
  /// The kind of the groups, in one word: `language`, `domain`.
  var groupKey = "group"
  /// The held-out loss of each arm within each group of documents.
  var groups: [Group] = []
  /// The continuations of some prompts by each arm.
  var samples: [Sample] = []
  /// The settings in which the arms differ.
  var differences: [Difference] = []
  /// The settings that all arms share.
  var common: [Setting] = []
  /// The arms that were stopped before their end.
  var stopped: [StudyResult.StoppedArm] = []
  /// The teacher's name and its own figures on the same held-out text, if it was measured.
  var teacher: (name: String, report: EvaluationReport)?

  /// The log of one run: one arm from one seed.
  struct LoggedRun {
    /// The arm.
    var arm: String
    /// The records, by rising step.
    var records: [MetricsRecord]
  }
}

extension Study {
  /// The study of a report, with the metrics that its runs logged.
  ///
  /// - Throws: `RunError` where a run's metrics cannot be read; `ShardError` where a cache cannot
  ///   be read any more.
  package init(
    _ report: StudyReport, of config: ComparisonConfig, version: String, command: String
  ) throws {
    let (result, count) = (report.result, report.arms.count)
    let name = URL(filePath: config.output).lastPathComponent
    let settings = ArmSettings(result.arms.map { ($0.name, $0.config) })
    let teacherName = URL(filePath: config.teacher ?? "").lastPathComponent
    self.init(
      title: "\(name): \(count) arm\(count == 1 ? "" : "s") compared",
      created: Date.now.formatted(.iso8601.year().month().day()), version: version,
      command: command, inputs: try Setting.inputs(result, config),
      conclusion: report.conclusion, notes: report.notes, ranking: report.arms,
      gain: report.gain, pairs: report.ranking.pairs, runs: try LoggedRun.all(result),
      positions: result.arms.map { PositionCurve($0) },
      groupKey: config.sets.lazy.compactMap(\.data.groupKey).first ?? "group",
      groups: Group.all(result), samples: Sample.all(result, config.prompts),
      differences: settings.differences, common: settings.common, stopped: result.stopped,
      teacher: result.teacher.map { (teacherName, $0) })
    set = result.sets.first
    baseline = report.ranking.baseline
    others = report.others.map { Study($0.report, asOf: self, teacher: teacherName) }
  }

  /// The part of a study that is of another held-out text: its figures, and no more.
  private init(_ report: StudyReport, asOf study: Study, teacher: String) {
    let result = report.result
    self.init(
      title: study.title, created: study.created, version: study.version, command: study.command,
      conclusion: report.conclusion, notes: report.teacherNotes, set: result.sets.first,
      baseline: study.baseline, ranking: report.arms, gain: report.gain,
      pairs: report.ranking.pairs, groupKey: study.groupKey, groups: Group.all(result),
      teacher: result.teacher.map { (teacher, $0) })
  }
}

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

extension Study.LoggedRun {
  /// The runs whose metrics are drawn: finished, those of stopped arms, and diverged.
  fileprivate static func all(_ result: StudyResult) throws -> [Self] {
    let diverged = result.diverged.map { ($0.arm, $0.folder) }
    let rows = result.rows + result.stopped.flatMap(\.rows)
    let measured = rows.map { ($0.arm, $0.folder) }
    let runs = measured.filter { run in !diverged.contains { $0.1 == run.1 } } + diverged
    return try runs.map { arm, folder in
      Self(arm: arm, records: try MetricsLog(path: folder + "/metrics.jsonl").records())
    }
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
      arm: arm.name, nll: Measuring.Sample(losses).mean,
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
