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
    if case .paths(let paths) = config.data.source {
      inputs.append(Self(key: "held-out text", value: paths.joined(separator: ", ")))
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
    let data = [config.data] + runs.compactMap(\.data)
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
