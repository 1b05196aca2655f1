import Foundation
import Testing

/// What a message tells to do works when it is done. (case messages)
@Suite struct RemedyTests {
  /// A command that fails, what its message tells to do, and that done.
  struct Remedy: Sendable, CustomStringConvertible {
    let failing: String
    let says: String
    /// What follows it; `{1}` stands for the number that `says` was followed by.
    let followed: [String]

    init(_ failing: String, says: String, _ followed: String...) {
      self.failing = failing
      self.says = says
      self.followed = followed
    }

    var description: String { failing }
  }

  private static let build = SharedWorld.build.joined(separator: " ")
  private static let small =
    "--positions 16 --temperatures 1 --taus none --top none --samples none"
  private static let reverse = "\"loss={soft: {value: 0.9}, divergence: {kind: reverse_kl}}\""

  static let remedies = [
    // Data.
    Remedy(
      "tokenizer train --data named.jsonl --vocab-size 270 --output t.json", says: "--text-key",
      "tokenizer train --data named.jsonl --vocab-size 270 --output t.json --text-key body"),
    Remedy(
      "tokenizer train --data broken.json --vocab-size 270 --output t.json",
      says: "--data-format text",
      "tokenizer train --data broken.json --vocab-size 270 --output t.json --data-format text"),
    Remedy(
      "tokenizer train --data text.jsonl --vocab-size 3 --output t.json", says: "takes ",
      "tokenizer train --data text.jsonl --vocab-size {1} --output t.json"),
    Remedy(
      "evaluate --model model --data text.jsonl --split held_out", says: "needs --held-out above 0",
      "evaluate --model model --data text.jsonl --split held_out --held-out 0.3"),
    Remedy(
      "evaluate --model bare --data text.jsonl", says: "--tokenizer",
      "evaluate --model bare --data text.jsonl --tokenizer tokenizer.json",
      "evaluate --model clothed --data text.jsonl"),
    Remedy(
      "cache build --teacher bare --data text.jsonl --sequence-length 16 --output new",
      says: "put its tokenizer.json into the folder",
      "cache build --teacher clothed --data text.jsonl --sequence-length 16 --output new"),
    // Captures.
    Remedy(
      build + " --tokens 40 --output new --bytes-per-token 0.01", says: "takes ",
      build + " --tokens 40 --output new --bytes-per-token {1}"),
    Remedy(
      build + " --output new --entries-per-token 0.01", says: "keeps ",
      build + " --output new --entries-per-token {1}"),
    Remedy(
      build + " --output new --codec topk --draws 2", says: "use --codec threshold or sample",
      build + " --output new --codec sample --draws 2"),
    Remedy(
      build + " --output new --shard-index 0", says: "say of how many with --shard-count",
      build + " --output new --shard-index 0 --shard-count 1"),
    Remedy(
      "cache inspect part", says: "run the same `cache build` again",
      build + " --output part", "cache inspect part"),
    Remedy(
      "cache commit part", says: "`cache build`",
      build + " --output part --shard-index 0 "
        + "--shard-count 2", build + " --output part --shard-index 1 --shard-count 2",
      "cache commit part"),
    Remedy(
      build.replacing("text.jsonl", with: "more.jsonl") + " --output cache", says: "--append",
      build.replacing("text.jsonl", with: "more.jsonl") + " --output cache --append"),
    Remedy(
      "cache verify damaged", says: "cache repair damaged",
      "cache repair damaged " + build.replacing("cache build", with: ""), "cache verify damaged"),
    Remedy(
      "cache audit moved", says: "name it with --teacher",
      "cache audit moved --teacher model \(small)"),
    Remedy(
      "cache audit cache --reference moved", says: "--codec dense",
      build + " --output dense --codec dense", "cache audit cache --reference dense \(small)"),
    Remedy(
      "cache import answers.jsonl --tokenizer tokenizer.json --teacher-name t --entries 9"
        + " --output new", says: "give --entries ",
      "cache import answers.jsonl --tokenizer tokenizer.json --teacher-name t --entries {1}"
        + " --output new"),
    // Training.
    Remedy(
      "distill student.yaml output=new \(reverse)", says: "build a cache with --codec dense",
      build + " --output dense --codec dense",
      "distill student.yaml output=new cache=dense \(reverse)"),
    Remedy(
      "distill student.yaml output=new \(reverse)", says: "or give a live teacher",
      "distill student.yaml output=new cache=null teacher=model data.paths=text.jsonl"
        + " data.sequence_length=16 \(reverse)"),
    Remedy(
      "distill student.yaml output=new loss.temperature=2.0",
      says: "build a cache with --temperature ",
      build + " --output warm --temperature {1}",
      "distill student.yaml output=new loss.temperature=2.0 cache=warm"),
    Remedy(
      "distill student.yaml output=new model.vocab_size=200",
      says: "set model.vocab_size to ",
      "distill student.yaml output=new model.vocab_size={1}"),
    Remedy(
      "distill student.yaml output=new loss.soft.maturity.power=1",
      says: "pretrain --emit-cache", "pretrain model.yaml output=again --emit-cache emitted",
      "distill student.yaml output=new cache=emitted loss.soft.maturity.power=1"),
    Remedy(
      "distill student.yaml output=new training.step=3", says: "did you mean 'steps'?",
      "distill student.yaml output=new training.steps=3"),
    Remedy(
      "distill student.yaml output=model", says: "choose another output",
      "distill student.yaml output=new"),
    Remedy(
      "distill student.yaml output=new initialize.from=model model.hidden_size=24",
      says: "set it to ",
      "distill student.yaml output=new initialize.from=model model.hidden_size={1}"),
    // Models.
    Remedy(
      "generate --model model --prompt river --max-tokens 100", says: "--beyond-context",
      "generate --model model --prompt river --max-tokens 100 --beyond-context"),
    Remedy(
      "evaluate --model model --data text.jsonl --cache cache",
      says: "either --data, --set or --cache",
      "evaluate --model model --cache cache --overlap keep",
      "evaluate --model model --data text.jsonl"),
    Remedy(
      "evaluate --model model --cache cache --teacher model", says: "take --data",
      "evaluate --model model --data text.jsonl --teacher model"),
  ]

  /// A world with what the commands above find wrong, made once.
  private static let made = Result {
    let (shared, world) = (try SharedWorld.folder(), SharedWorld.root.appending(path: "remedies"))
    try FileManager.default.copyItem(at: shared, to: world)
    func copy(_ from: String, _ to: String) throws {
      try FileManager.default.copyItem(
        at: world.appending(path: from), to: world.appending(path: to))
    }
    func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: world.appending(path: name))
    }
    try write(#"{"body": "river lamp stone bread"}"# + "\n", "named.jsonl")
    try write("{\"text\": \"river lamp", "broken.json")
    try write(
      TinyWorld.lines((0..<9).map { "copper sail \($0) orchard \($0 * 7) winter" }), "more.jsonl")
    try write(answers, "answers.jsonl")
    for folder in ["bare", "clothed"] { try copy("model/model", folder) }
    for name in ["tokenizer.json", "tokenizer_config.json"] {
      try? FileManager.default.removeItem(at: world.appending(path: "bare/\(name)"))
    }
    try copy("cache", "damaged")
    try write("nothing", "damaged/shard-00001.kd.zst")
    try TinyWorld.tool(
      SharedWorld.build + ["--output", "part", "--shard-index", "0", "--shard-count", "2"],
      in: world)
    try moved(in: world)
    return world
  }

  /// A cache whose teacher is not where it was.
  private static func moved(in world: URL) throws {
    let (here, there) = (world.appending(path: "model"), world.appending(path: "elsewhere"))
    try FileManager.default.copyItem(at: here, to: there)
    let build = SharedWorld.build.map { $0 == "model" ? "elsewhere" : $0 }
    try TinyWorld.tool(build + ["--output", "moved"], in: world)
    try FileManager.default.removeItem(at: there)
  }

  @Test("case messages: what a message tells to do works", arguments: remedies)
  func followed(remedy: Remedy) throws {
    try inFolder { folder in
      let world = folder.appending(path: "world")
      try FileManager.default.copyItem(at: try Self.made.get(), to: world)
      let failed = try Shell.run("\"$TOOL\" " + remedy.failing, in: world)
      #expect(failed.status != 0)
      expectOrderlyEnd(failed, remedy.failing)
      let line = failed.errors.split(separator: "\n").last ?? ""
      let place = try #require(line.firstRange(of: remedy.says), "\(failed.errors)")
      let number = line[place.upperBound...].prefix { $0.isNumber || $0 == "." }
      for command in remedy.followed {
        let text = command.replacing("{1}", with: String(number))
        let outcome = try Shell.run("\"$TOOL\" " + text, in: world)
        #expect(outcome.status == 0, "\(text): \(outcome.errors)")
      }
    }
  }

  /// Answers of a server that has three entries for each position.
  private static var answers: String {
    let ids = [40, 41, 42, 43]
    let rows = ids.dropFirst().map { id in
      let entries = (0..<3).map { rank in
        "\"\(rank == 0 ? id : 50 + rank)\": {\"logprob\": -\(rank + 1).5, \"rank\": \(rank + 1)}"
      }
      return "{\(entries.joined(separator: ", "))}"
    }
    let logprobs = "[null, \(rows.joined(separator: ", "))]"
    return "{\"prompt_token_ids\": \(ids), \"prompt_logprobs\": \(logprobs)}\n"
  }
}
