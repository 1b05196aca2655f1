import Foundation
import Testing

/// The command that an interrupted one prints goes on when it is pasted, whatever was typed first.
@Suite struct ResumeCommandTests {
  /// Starts a command in a shell, stops it as soon as a path is there, and returns what it printed
  /// to be pasted.
  private func stop(
    _ words: [String], when path: String, in folder: URL, as program: String
  ) throws -> String {
    let command = words.map(Shell.quote).joined(separator: " ")
    let outcome = try Shell.run(
      """
      \(Shell.quote(program)) \(command) > /dev/null &
      p=$!
      while [ ! -e \(Shell.quote(path)) ] && kill -0 $p 2> /dev/null; do :; done
      kill -TERM $p; wait $p
      """, in: folder)
    try #require(outcome.status == 75, "\(outcome.errors)")
    let mark = try #require(outcome.errors.firstRange(of: "to go on, run: "))
    return String(outcome.errors[mark.upperBound...].dropLast())
  }

  /// A world of its own with the executable under an odd name in it.
  private func inWorld(_ body: (URL) throws -> Void) throws {
    try inFolder { folder in
      let world = folder.appending(path: "a world")
      try FileManager.default.copyItem(at: try SharedWorld.folder(), to: world)
      try FileManager.default.createDirectory(
        at: world.appending(path: "my bin"), withIntermediateDirectories: false)
      try FileManager.default.createSymbolicLink(
        at: world.appending(path: "my bin/codistill's"),
        withDestinationURL: try Tool.executable())
      try body(world)
    }
  }

  private static let program = "./my bin/codistill's"
  private static let training = ["training.steps=300", "training.logging_steps=1"]

  private func model(_ run: String, in folder: URL) throws -> Data {
    try Data(contentsOf: folder.appending(path: run).appending(path: "model/model.safetensors"))
  }

  @Test(
    "case resume-command: names that shells read otherwise",
    arguments: [
      "it's \"$HOME\" `id` $(id) back\\slash\\n", "a;b&c|d>e *?[x]{y,z} !history #no comment",
      "new\nline\rend\tünï ☃ 名\u{1B}[2J", "~tilde", "=equals",
    ])
  func oddNames(name: String) throws {
    try inWorld { world in
      try FileManager.default.copyItem(
        at: world.appending(path: "model.yaml"), to: world.appending(path: name))
      let words = ["pretrain", name] + Self.training
      let line = try stop(
        words + ["output=run"], when: "run/config.resolved.yaml", in: world, as: Self.program)
      #expect(!line.contains("\n") && !line.contains("\r") && !line.contains("\u{1B}"))
      let pasted = try Shell.run(line, in: world)
      #expect(pasted.status == 0, "\(line): \(pasted.errors)")
      try TinyWorld.tool(words + ["output=plain"], in: world)
      #expect(try model("run", in: world) == model("plain", in: world))
    }
  }

  @Test("case resume-command: a leading tilde, an empty word, options before and behind")
  func oddWords() throws {
    try inWorld { world in
      try FileManager.default.copyItem(
        at: world.appending(path: "model.yaml"), to: world.appending(path: "~model $x.yaml"))
      let words =
        ["pretrain", "--threads", "1", "--emit-cache", "", "--seed=7", "~model $x.yaml"]
        + Self.training + ["output=run", "--json"]
      let refused = try Tool.run(words, in: world)
      // An empty path is no path, and is not lost on the way either.
      #expect(refused.status == 78, "\(refused.errors)")
      let kept = words.filter { $0 != "" && $0 != "--emit-cache" }
      let line = try stop(kept, when: "run/config.resolved.yaml", in: world, as: Self.program)
      let pasted = try Shell.run(line, in: world)
      #expect(pasted.status == 0 && pasted.output.hasPrefix("{"), "\(line): \(pasted.errors)")
    }
  }

  @Test("case resume-command: an interrupted cache build goes on to the same bytes")
  func aBuildGoesOn() throws {
    try inWorld { world in
      let build = ["cache", "build", "--teacher", "model", "--data", "text.jsonl"]
      let options = ["--sequence-length", "8", "--sequences-per-shard", "1", "--text-key", "text"]
      let words = build + options + ["--output", "the cache"]
      let line = try stop(
        words, when: "the cache/capture.json", in: world, as: Self.program)
      let pasted = try Shell.run(line, in: world)
      #expect(pasted.status == 0, "\(line): \(pasted.errors)")
      try TinyWorld.tool(build + options + ["--output", "whole"], in: world)
      for name in try FileManager.default.contentsOfDirectory(
        atPath: world.appending(path: "whole").path)
      {
        let files = try ["whole", "the cache"].map {
          try Data(contentsOf: world.appending(path: $0).appending(path: name))
        }
        #expect(files[0] == files[1], "\(name)")
      }
    }
  }

  @Test("case resume-command: an interrupted study goes on", arguments: ["1", "2"])
  func aStudyGoesOn(jobs: String) throws {
    let study = """
      base: student.yaml
      arms: [{name: one arm}, {name: "other's", changes: {training: {learning_rate: 2e-3}}}]
      overrides: ["training.steps=300", "training.logging_steps=1"]
      data: {paths: [text.jsonl], sequence_length: 16}
      overlap: keep
      tokens: 60
      output: a study

      """
    try inWorld { world in
      try Data(study.utf8).write(to: world.appending(path: "a study.yaml"))
      let line = try stop(
        ["compare", "a study.yaml", "--jobs", jobs],
        when: "a study/one arm/config.resolved.yaml", in: world, as: Self.program)
      let pasted = try Shell.run(line, in: world)
      #expect(pasted.status == 0, "\(line): \(pasted.errors)")
      #expect(
        FileManager.default.fileExists(atPath: world.appending(path: "a study/runs.csv").path))
    }
  }
}
