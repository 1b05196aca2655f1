import Foundation
import Testing

/// From a text to a distilled student, with the executable alone.
@Suite struct WalkthroughTests {
  private static let words = "the cat saw a dog and the dog ran to the old red barn by the sea "
  private static let pretrain =
    TinyTraining.sections + """
      training: {steps: 3, batch_size: 2, learning_rate: 1e-2, seed: 1}
      output: runs/teacher
      """
  private static let distill = """
    initialize: {from: teacher, layers: [0, 1]}
    cache: cache
    training: {steps: 2, batch_size: 2, learning_rate: 1e-3}
    loss: {soft: {value: 0.9}}
    output: runs/student
    """

  private static var text: String {
    (0..<40).map { index in
      let text = String(repeating: words, count: 1 + index % 3) + "\(index)"
      return "{\"text\": \"\(text)\"}"
    }.joined(separator: "\n")
  }

  private func json(
    _ arguments: [String], in folder: URL, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [String: Any] {
    let outcome = try Tool.run(arguments + ["--json"], in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
    let object = try? JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try #require(
      object as? [String: Any], "\(outcome.output)", sourceLocation: sourceLocation)
  }

  @Test func fromATextToAStudent() throws {
    let files = [
      "text.jsonl": Self.text, "teacher.yaml": Self.pretrain, "student.yaml": Self.distill,
    ]
    try inFolder(files) { folder in
      let tokenizer = try json(
        ["tokenizer", "train", "--data", "text.jsonl", "--vocab-size", "270", "--output"]
          + ["tokenizer.json"], in: folder)
      #expect(try #require(tokenizer["vocab_size"] as? Int) <= 270)
      try expectRoundTrip(in: folder)

      let pretrained = try json(["pretrain", "teacher.yaml"], in: folder)
      for key in ["steps", "tokens", "tokens_per_second", "final_loss", "peak_rss_bytes"] {
        #expect(pretrained[key] is NSNumber, "\(key)")
      }
      try expectCache(in: folder)
      try expectStudent(in: folder)
    }
  }

  private func expectRoundTrip(in folder: URL) throws {
    let options = ["--tokenizer", "tokenizer.json"]
    let encoded = try Tool.run(
      ["tokenizer", "encode"] + options, in: folder, input: "the cat é\n")
    let ids = encoded.output.trimmingCharacters(in: .newlines)
    let decoded = try Tool.run(["tokenizer", "decode", "--ids", ids] + options, in: folder)
    #expect(decoded.output == "the cat é\n\n")
    try Tool.expectFailure(
      ["tokenizer", "decode", "--ids", "270"] + options, status: 65, mentions: "270", in: folder)
  }

  private func expectCache(in folder: URL) throws {
    let build = ["cache", "build", "--teacher", "runs/teacher", "--data", "text.jsonl"]
    let options = ["--output", "cache", "--sequence-length", "16", "--tokens", "200"]
    let built = try json(build + options, in: folder)
    let inspected = try json(["cache", "inspect", "cache"], in: folder)
    for key in [
      "sequences", "tokens", "bytes", "bytes_per_token", "codec", "vocab_size", "teacher",
      "tokenizer_sha256",
    ] {
      #expect(inspected[key] as? NSObject == built[key] as? NSObject, "\(key)")
      #expect(inspected[key] != nil, "\(key)")
    }
    let position = try json(
      ["cache", "inspect", "cache", "--position", "20", "--tokenizer", "tokenizer.json"],
      in: folder)
    let entries = try #require(position["entries"] as? [[String: Any]])
    #expect(entries.allSatisfy { $0["text"] is String && $0["probability"] is Double })
    try Tool.expectFailure(
      ["cache", "inspect", "cache", "--position", "200"], status: 64, mentions: "199", in: folder)
    let verified = try json(["cache", "verify", "cache"], in: folder)
    #expect(verified["ok"] as? Bool == true)
    try expectDamageIsFound(in: folder)
  }

  private func expectDamageIsFound(in folder: URL) throws {
    let manager = FileManager.default
    try manager.copyItem(
      at: folder.appending(path: "cache"), to: folder.appending(path: "damaged"))
    let damaged = folder.appending(path: "damaged")
    let shard = try #require(
      try manager.contentsOfDirectory(atPath: damaged.path()).sorted().first {
        $0.hasPrefix("shard")
      })
    var bytes = try Data(contentsOf: damaged.appending(path: shard))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: damaged.appending(path: shard))
    let verified = try Tool.run(["cache", "verify", "damaged", "--json"], in: folder)
    #expect(verified.status == 65)
    #expect(verified.output.contains("\"ok\":false"))
    #expect(verified.errors.hasPrefix("codistill: error: damaged: "))
  }

  private func expectStudent(in folder: URL) throws {
    let distilled = try json(["distill", "student.yaml"], in: folder)
    #expect(distilled["steps"] as? Int == 2)
    let again = try json(["distill", "student.yaml"], in: folder)
    #expect(again["final_loss"] as? Double == distilled["final_loss"] as? Double)
    try Tool.expectFailure(
      ["distill", "student.yaml", "training.learning_rate=1"], status: 78,
      mentions: "learning_rate", in: folder)

    try Tool.expectFailure(
      ["distill", "student.yaml", "initialize.layers=[0, 7]", "output=runs/other"], status: 78,
      mentions: "initialize.layers", in: folder)
    let text = try json(
      ["evaluate", "--model", "runs/student", "--data", "text.jsonl", "--tokens", "50"],
      in: folder)
    #expect(text["tokens"] as? Int == 50)
    let nll = try #require(text["nll"] as? Double)
    #expect(abs(exp(nll) - (try #require(text["perplexity"] as? Double))) < 1e-6)
    let cached = try json(
      ["evaluate", "--model", "runs/student", "--data", "cache", "--overlap", "keep"], in: folder)
    for key in ["nll", "perplexity", "kl", "kl_stderr", "top1_agreement", "ece"] {
      #expect(cached[key] is NSNumber, "\(key)")
    }
    // What a cache is made of was chosen when it was built.
    for option in [
      ["--split", "train"], ["--held-out", "0.2"], ["--window", "8"], ["--text-key", "body"],
      ["--data-format", "text"], ["--bos"], ["--eos"],
    ] {
      for source in ["--cache", "--data"] {
        let outcome = try Tool.run(
          ["evaluate", "--model", "runs/student", source, "cache"] + option, in: folder)
        #expect(outcome.status == 64 && outcome.errors.contains(option[0]), "\(outcome.errors)")
      }
    }
    let generated = try json(
      ["generate", "--model", "runs/student", "--prompt", "the cat", "--max-tokens", "3"],
      in: folder)
    #expect((generated["text"] as? String)?.hasPrefix("the cat") == true)
    let logits = try json(
      ["logits", "--model", "runs/student", "--tokens", "1,2,3", "--output", "l.safetensors"],
      in: folder)
    #expect(logits["tokens"] as? Int == 3 && logits["vocab_size"] as? Int == 270)
    let file = folder.appending(path: "l.safetensors")
    #expect(try Data(contentsOf: file).count > 3 * 270 * 4)
    try Tool.expectFailure(
      ["logits", "--model", "runs/student", "--tokens", "270", "--output", "m.safetensors"],
      status: 64, mentions: "270", in: folder)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aResultThatCannotBeWrittenIsExitCode74() throws {
    let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let outcome = try Tool.run(["doctor", "--json"], output: full)
    #expect(outcome.status == 74)
    #expect(outcome.errors.hasPrefix("codistill: error: "))
  }
}
