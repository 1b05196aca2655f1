import Foundation
import Testing

/// Live teachers and emitted caches, as a user asks for them.
@Suite struct LiveTeacherCommandTests {
  private static let training = """
    training: {steps: 3, batch_size: 2, learning_rate: 1e-2, seed: 1}
    output: OUTPUT

    """

  /// A folder with a trained teacher in `teacher`, the cache that it emitted, and a student's config.
  private func inTeachersFolder(_ body: (URL) throws -> Void) throws {
    let text = (0..<40).map { "{\"text\": \"the cat saw \($0) dogs and ran to the barn\"}" }
    let config = TinyTraining.sections + Self.training
    let files = [
      "text.jsonl": text.joined(separator: "\n"),
      "teacher.yaml": config.replacing("OUTPUT", with: "teacher"),
      "student.yaml": config.replacing("OUTPUT", with: "student")
        + "teacher: teacher\nloss: {soft: {value: 0.5}}\n",
    ]
    try inFolder(files) { folder in
      let made = try Tool.run(
        ["tokenizer", "train", "--data", "text.jsonl", "--vocab-size", "270", "--output"]
          + ["tokenizer.json"], in: folder)
      try #require(made.status == 0, "\(made.errors)")
      let trained = try Tool.run(
        ["pretrain", "teacher.yaml", "--emit-cache", "cache"], in: folder)
      try #require(trained.status == 0, "\(trained.errors)")
      #expect(trained.output.contains("steps 0 to 2 of 3, 2 sequences each"))
      try body(folder)
    }
  }

  @Test func aStudentOfALiveTeacherAndOfAnEmittedCache() throws {
    try inTeachersFolder { folder in
      let live = try Tool.run(["distill", "student.yaml"], in: folder)
      #expect(live.status == 0, "\(live.errors)")
      let cached = try Tool.run(
        ["distill", "student.yaml", "output=other", "teacher=", "data=", "cache=cache"]
          + ["loss.soft.maturity.power=1"], in: folder)
      #expect(cached.status == 0, "\(cached.errors)")
      let mixed = try Tool.run(
        ["distill", "student.yaml", "output=mixed", "cache=cache", "--json"], in: folder)
      #expect(mixed.status == 0, "\(mixed.errors)")
      #expect(mixed.errors.contains("read twice"), "\(mixed.errors)")
      let inspected = try Tool.run(["cache", "inspect", "cache", "--json"], in: folder)
      let object = try JSONSerialization.jsonObject(with: Data(inspected.output.utf8))
      let maturity = (object as? [String: Any])?["maturity"] as? [String: Int]
      let expected = ["first_step": 0, "last_step": 2, "steps": 3, "sequences_per_step": 2]
      #expect(maturity == expected)
    }
  }

  @Test func aFinishedTrainingShowsItsCacheAgain() throws {
    try inTeachersFolder { folder in
      let command = ["pretrain", "teacher.yaml", "--emit-cache", "cache", "--json"]
      let again = try Tool.run(command, in: folder)
      #expect(again.status == 0 && !again.errors.contains("cache"), "\(again.errors)")
      let object = try JSONSerialization.jsonObject(with: Data(again.output.utf8))
      let cache = (object as? [String: Any])?["emitted_cache"] as? [String: Any]
      #expect(cache?["sequences"] as? Int == 6)
      try FileManager.default.removeItem(at: folder.appending(path: "cache"))
      let without = try Tool.run(command, in: folder)
      #expect(without.status == 0)
      #expect(without.errors.contains("cache: the finished run's cache is not there"))
    }
  }

  @Test func badInputGetsOneLine() throws {
    try inTeachersFolder { folder in
      let feature = "loss.features=[{kind: mse, weight: 1, student_layer: 9, teacher_layer: 1}]"
      let cases: [([String], Int32, String)] = [
        (["distill", "student.yaml", "teacher=nothing"], 66, "nothing"),
        (["distill", "student.yaml", "model.vocab_size=269"], 65, "269"),
        (["distill", "student.yaml", feature], 78, "has 2 layers"),
        (
          ["distill", "student.yaml", "teacher=", "data=", "cache=cache", feature], 78,
          "needs a live teacher"
        ),
        (["cache", "audit", "cache", "--teacher", "teacher"], 65, "while its teacher was trained"),
        (["pretrain", "teacher.yaml", "output=x", "--emit-cache", "cache"], 73, "cache: holds"),
        (["pretrain", "teacher.yaml", "output=x", "--emit-cache", "text.jsonl"], 73, "a file"),
        (["pretrain", "teacher.yaml", "output=x", "--emit-cache", "text.jsonl/c"], 73, "text"),
        (["pretrain", "teacher.yaml", "output=x", "--emit-cache", "./x/model"], 73, "folder x"),
      ]
      for (arguments, status, word) in cases {
        try Tool.expectFailure(arguments, status: status, mentions: word, in: folder)
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "x").path))
      }
    }
  }

  /// The path of an option is no YAML.
  @Test(arguments: ["ca #1", "a: b", "[x]", "null", "&a"])
  func theCacheLiesWhereItWasAskedFor(path: String) throws {
    try inTeachersFolder { folder in
      let outcome = try Tool.run(
        ["pretrain", "teacher.yaml", "output=x", "--emit-cache", path], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let manifest = folder.appending(path: path).appending(path: "manifest.json")
      #expect(FileManager.default.fileExists(atPath: manifest.path(percentEncoded: false)))
    }
  }
}
