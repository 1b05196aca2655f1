import Base
import Capture
import Foundation
import Shards
import Studies
import Training

extension Study {
  /// A setting and its value, by the setting's path in the configuration or another name.
  struct Setting {
    /// The path or name.
    var key: String
    /// The value.
    var value: String
  }
}

extension Study.Setting {
  /// The inputs of a comparison: its teacher, its texts, its caches and its seeds.
  ///
  /// - Throws: `ShardError` where a cache cannot be read any more.
  static func inputs(_ result: StudyResult, _ config: ComparisonConfig) throws -> [Self] {
    var inputs: [Self] = []
    if let teacher = config.teacher {
      inputs.append(
        Self(key: "teacher", value: "\(teacher), \(short(result.teacherFingerprint ?? ""))"))
    }
    for set in config.sets {
      guard case .paths(let paths) = set.data.source else { continue }
      let name = set.name.map { ", \($0)" } ?? ""
      inputs.append(Self(key: "held-out text" + name, value: paths.joined(separator: ", ")))
    }
    for path in caches(result, config) {
      let capture = try CacheReader(directory: URL(filePath: path)).manifest.capture
      inputs.append(
        Self(
          key: "cache",
          value: "\(path), codec \(capture.codec.name), data \(short(capture.dataFingerprint))"))
    }
    let seeds = Set(result.rows.map(\.seed) + result.diverged.map(\.seed)).sorted()
    inputs.append(
      Self(key: "seeds", value: seeds.map(String.init).joined(separator: ", ")))
    return inputs
  }

  /// The caches that arms learn from and are measured on, each once.
  private static func caches(_ result: StudyResult, _ config: ComparisonConfig) -> [String] {
    let runs = result.arms.map(\.config) + result.stopped.compactMap(\.rows.first?.config)
    let data = config.sets.map(\.data) + runs.compactMap(\.data)
    let read = data.compactMap { data -> String? in
      if case .cache(let path) = data.source { path } else { nil }
    }
    var seen: Set<String> = []
    return (runs.compactMap(\.cache) + read).filter { seen.insert($0).inserted }
  }

  /// The beginning of a SHA-256.
  private static func short(_ fingerprint: String) -> String {
    "SHA-256 \(fingerprint.prefix(12))…"
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
  var differences: [Study.Difference] {
    keys.filter { !isCommon($0) }.map { key in
      Study.Difference(
        key: key,
        values: arms.compactMap { arm in
          value(key, arm.values).map { Study.ArmText(arm: arm.name, text: $0) }
        })
    }
  }

  /// The settings that all share.
  var common: [Study.Setting] {
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
    if let text = node.text { return [(node.path, text)] }
    if let elements = try? node.elements() {
      return [(node.path, elements.flatMap(leaves).map(\.value).joined(separator: ", "))]
    }
    return (try? node.entries())?.flatMap { leaves($0.value) } ?? []
  }
}
