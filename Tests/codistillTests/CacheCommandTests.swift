import Foundation
import Testing

/// Caches that several processes build, that grow, and that are mended.
struct CacheCommandTests {
  private let teacher =
    TinyTraining.sections + """
      training: {steps: 1, batch_size: 2, learning_rate: 1e-3}
      output: teacher
      """

  private func text(_ name: String, _ step: Int) -> String {
    (0..<24).map { "{\"text\": \"the \(name) \($0 * step) sat on mat \($0 * $0), and slept\"}\n" }
      .joined()
  }

  private func build(_ output: String, _ data: String = "text.jsonl") -> [String] {
    [
      "cache", "build", "--teacher", "teacher", "--data", data, "--output", output,
      "--sequence-length", "16", "--tokens", "200", "--sequences-per-shard", "4",
    ]
  }

  private func contents(_ name: String, in folder: URL) throws -> [String: Data] {
    let cache = folder.appending(path: name)
    return try Dictionary(
      uniqueKeysWithValues: FileManager.default.contentsOfDirectory(atPath: cache.path).map {
        ($0, try Data(contentsOf: cache.appending(path: $0)))
      })
  }

  @Test func cachesAreBuiltTogetherGrowAndAreMended() throws {
    let files = [
      "text.jsonl": text("cat", 7), "more.jsonl": text("dog", 5), "teacher.yaml": teacher,
    ]
    try inFolder(files) { folder in
      func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Tool.Outcome
      {
        let outcome = try Tool.run(arguments, in: folder, environment: environment)
        #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
        return outcome
      }
      _ = try run(
        ["tokenizer", "train", "--data", "text.jsonl", "--vocab-size", "270", "--output"]
          + ["tokenizer.json"])
      _ = try run(["pretrain", "teacher.yaml"])
      _ = try run(build("whole"))
      try expectWorkers(in: folder, run)
      try expectGrowth(in: folder, run)
      try expectRepair(in: folder, run)
    }
  }

  private typealias Run = ([String], [String: String]) throws -> Tool.Outcome

  private func expectWorkers(in folder: URL, _ run: Run) throws {
    let first = try run(
      build("shared") + ["--json"], ["SLURM_PROCID": "1", "SLURM_NTASKS": "2"])
    #expect(first.errors.contains("worker 1 of 2, by SLURM_PROCID"))
    #expect(first.output.contains("\"shard_index\":1"))
    try Tool.expectFailure(
      ["cache", "commit", "shared"], status: 75, mentions: "2 of 4 units are missing", "(0, 2)",
      in: folder)
    try Tool.expectFailure(
      ["cache", "inspect", "shared"], status: 75, mentions: "unfinished", in: folder)
    _ = try run(
      build("shared") + ["--shard-count", "2"], ["JOB_COMPLETION_INDEX": "0"])
    _ = try run(["cache", "commit", "shared"], [:])
    #expect(try contents("shared", in: folder) == contents("whole", in: folder))
    for options in [["--shard-index", "2", "--shard-count", "2"], ["--shard-index", "0"]] {
      try Tool.expectFailure(
        build("shared") + options, status: 64, mentions: "--shard-count", in: folder)
    }
    let pod = try Tool.run(build("x"), in: folder, environment: ["JOB_COMPLETION_INDEX": "0"])
    #expect(pod.status == 64 && pod.errors.contains("give --shard-count"))
  }

  private func expectGrowth(in folder: URL, _ run: Run) throws {
    let other = try Tool.run(build("shared", "more.jsonl"), in: folder)
    #expect(other.status == 78 && other.errors.contains("--append"))
    _ = try run(build("shared", "more.jsonl") + ["--append"], [:])
    _ = try run(build("second", "more.jsonl"), [:])
    _ = try run(["cache", "merge", "whole", "second", "--output", "merged"], [:])
    #expect(try contents("merged", in: folder) == contents("shared", in: folder))
    try Tool.expectFailure(
      ["cache", "merge", "whole", "whole", "--output", "x"], status: 65,
      mentions: "name each once", in: folder)
    _ = try run(build("warm") + ["--temperature", "2"], [:])
    try Tool.expectFailure(
      ["cache", "merge", "whole", "warm", "--output", "x"], status: 65,
      mentions: "codec.temperature", in: folder)
  }

  /// A finished cache is finished as long as its files are there.
  private func expectNoSuccessWithoutAShard(in folder: URL) throws {
    let shard = folder.appending(path: "whole/shard-00001.kd.zst")
    let bytes = try Data(contentsOf: shard)
    for damaged in [nil, bytes.dropLast()] {
      try FileManager.default.removeItem(at: shard)
      try damaged?.write(to: shard)
      for command in [["cache", "commit", "whole"], build("whole")] {
        let outcome = try Tool.run(command, in: folder)
        #expect(outcome.status == 65 && outcome.errors.contains("shard-00001"), "\(outcome)")
      }
      try bytes.write(to: shard)
    }
  }

  private func expectRepair(in folder: URL, _ run: Run) throws {
    try expectNoSuccessWithoutAShard(in: folder)
    let whole = try contents("merged", in: folder)
    let shard = folder.appending(path: "merged/shard-00001.kd.zst")
    var bytes = try Data(contentsOf: shard)
    bytes[9] ^= 1
    try bytes.write(to: shard)
    let found = try Tool.run(["cache", "verify", "merged", "--json"], in: folder)
    #expect(found.status == 65)
    #expect(found.output.contains("\"file\":\"shard-00001.kd.zst\""))
    #expect(found.output.contains("\"unit\":1"))
    var repair = build("x")
    repair.replaceSubrange(1...1, with: ["repair", "merged"])
    repair.removeAll { $0 == "--output" || $0 == "x" }
    let other = try Tool.run(repair.map { $0 == "200" ? "150" : $0 }, in: folder)
    #expect(other.status == 78 && other.errors.contains("data_fingerprint"))
    let mended = try run(repair + ["--json"], [:])
    #expect(mended.output.contains("\"repaired\":[1]"))
    #expect(try contents("merged", in: folder) == whole)
  }
}
