import Foundation
import Testing

/// A text, a tokenizer, the run `model`, its cache and a student's config, made once for the suites
/// that only read them; what they write goes elsewhere.
enum SharedWorld {
  static let student =
    TinyTraining.sections.replacing(
      "data: {paths: text.jsonl, sequence_length: 16}", with: "cache: cache")
      + """
      training: {steps: 2, batch_size: 2, learning_rate: 1e-2}
      loss: {soft: {value: 0.9}}
      output: unused

      """
  private static let files = [
    "text.jsonl": TinyWorld.lines(TinyWorld.texts), "student.yaml": student,
    "model.yaml": TinyTraining.sections
      + "training: {steps: 2, batch_size: 2, learning_rate: 1e-2}\noutput: model\n",
  ]

  /// A quick audit of the cache.
  static let audit = [
    "cache", "audit", "cache", "--positions", "16", "--temperatures", "1", "--taus", "none",
    "--top", "none", "--samples", "none",
  ]
  /// How the cache was built.
  static let build = [
    "cache", "build", "--teacher", "model", "--data", "text.jsonl", "--sequence-length", "16",
    "--tokens", "300", "--sequences-per-shard", "4",
  ]

  /// Where suites put what they make once; it goes with the tests' process.
  static let root = FileManager.default.temporaryDirectory.appending(
    path: "codistill-tests-\(ProcessInfo.processInfo.processIdentifier)",
    directoryHint: .isDirectory)

  private static let made = Result {
    let place = root.appending(path: "world")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(at: SharedWorld.root) }
    for (name, text) in files { try Data(text.utf8).write(to: place.appending(path: name)) }
    let commands = [
      ["tokenizer", "train", "--data", "text.jsonl", "--vocab-size", "270"]
        + ["--output", "tokenizer.json"],
      ["pretrain", "model.yaml"], build + ["--output", "cache"],
    ]
    for command in commands {
      let outcome = try Tool.run(command, in: place)
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
    return place
  }

  /// The folder.
  static func folder() throws -> URL { try made.get() }
}
