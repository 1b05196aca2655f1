import Foundation
import Testing

/// A text, a tokenizer, the run `model`, its cache and a student's config, made once for the suites
/// that only read them; what they write goes elsewhere.
enum SharedWorld {
  static let student = TinyTraining.distillation(to: "unused")
  private static let files = TinyWorld.files.merging(["student.yaml": student]) { $1 }

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

  /// Runs a body with a copy that may be damaged, and the command that made half of its run `run`.
  static func withStoppedRun(_ body: (_ world: URL, _ command: [String]) throws -> Void) throws {
    try inFolder { folder in
      let world = folder.appending(path: "world")
      try FileManager.default.copyItem(at: try Self.folder(), to: world)
      let part = ["distill", "student.yaml", "training.steps=4", "--stop-at", "2", "output=run"]
      try TinyWorld.tool(part, in: world)
      try body(world, part)
    }
  }
}
