import Base
import Measuring
import Reports
import Studies
import Training

extension StudyReport.Group {
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

extension StudyReport.GroupLoss {
  /// The mean of an arm's seeds within a group, with its interval over seeds and documents.
  fileprivate init(_ arm: StudyResult.Arm, group: String) {
    let losses = arm.rows.compactMap { row in
      row.evaluation.groups.first { $0.name == group }?.nll
    }
    let documents = arm.rows.map { $0.evaluation.documents.filter { $0.group == group } }
    self.init(
      arm: arm.name, nll: Sample(losses).mean,
      halfWidth: HeldOutMean(documents, \.nll)?.interval?.halfWidth)
  }
}

extension StudyReport.Sample {
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
  ) -> StudyReport.ArmText? {
    samples.first { $0.prompt == prompt }.map { .init(arm: arm, text: $0.text) }
  }
}

/// The settings of a comparison's arms, by the paths of their keys.
struct ArmSettings {
  private let arms: [(name: String, values: [(key: String, value: String)])]

  /// The settings of arms, each from the config of its first run; `output` and `training.seed`,
  /// which differ from run to run, are left out.
  init(_ arms: [(name: String, config: RunConfig)]) {
    self.arms = arms.map { ($0.name, Self.flat($0.config)) }
  }

  /// The settings in which arms differ; an arm without one is left out there.
  var differences: [StudyReport.Difference] {
    keys.filter { !isCommon($0) }.map { key in
      StudyReport.Difference(
        key: key,
        values: arms.compactMap { arm in
          value(key, arm.values).map { StudyReport.ArmText(arm: arm.name, text: $0) }
        })
    }
  }

  /// The settings that all share.
  var common: [StudyReport.Setting] {
    keys.filter(isCommon).compactMap { key in
      arms.first.flatMap { value(key, $0.values) }.map { .init(key: key, value: $0) }
    }
  }

  /// All keys, in the order in which they come first.
  private var keys: [String] {
    var seen: Set<String> = []
    return arms.flatMap { $0.values.map(\.key) }.filter { seen.insert($0).inserted }
  }

  private func isCommon(_ key: String) -> Bool {
    Set(arms.map { value(key, $0.values) }).count == 1
  }

  private func value(_ key: String, _ values: [(key: String, value: String)]) -> String? {
    values.first { $0.key == key }?.value
  }

  private static func flat(_ config: RunConfig) -> [(key: String, value: String)] {
    guard let root = try? ConfigNode.parse(config.yaml, file: "config.resolved.yaml") else {
      return []
    }
    return leaves(root).filter { !["output", "training.seed"].contains($0.key) }
  }

  private static func leaves(_ node: ConfigNode) -> [(key: String, value: String)] {
    switch node.content {
    case .scalar(let text, _): [(node.path, text)]
    case .mapping(let entries): entries.flatMap { leaves($0.value) }
    case .list(let elements):
      [(node.path, elements.flatMap(leaves).map(\.value).joined(separator: ", "))]
    }
  }
}
