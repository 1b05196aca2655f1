import Foundation
import Testing

/// No number of an option, a config or a file ends a command by a signal, or is waited for.
/// (case arithmetic-overflow-traps)
@Suite struct ArithmeticOverflowTests {
  private static let whole = [
    "9223372036854775807", "-9223372036854775808", "0",
  ]
  private static let real = ["1e308", "nan", "1e-320"]

  /// Commands with the options that take numbers; `$OUT` stands for a fresh path.
  private static let options: [(command: [String], options: [String])] = [
    (
      SharedWorld.build + ["--output", "$OUT", "--tokens", "20"],
      [
        "--sequence-length", "--tokens", "--entries", "--samples", "--draws", "--seed",
        "--sequences-per-shard", "--shard-index", "--shard-count", "--threads",
      ]
    ),
    (["plan", "student.yaml"], ["--context-length", "--positions", "--threads"]),
    (["cache", "inspect", "cache"], ["--position"]),
    (SharedWorld.audit, ["--positions", "--top", "--samples"]),
    (
      ["cache", "export", "cache", "--format", "jsonl", "--output", "$OUT"],
      ["--sequences"]
    ),
    (["evaluate", "--model", "model", "--data", "text.jsonl"], ["--window", "--tokens"]),
    (["generate", "--model", "model", "--prompt", "river"], ["--max-tokens", "--seed"]),
    (["logits", "--model", "model", "--output", "$OUT"], ["--tokens"]),
    (["tokenizer", "decode", "--tokenizer", "tokenizer.json"], ["--ids"]),
    (
      ["tokenizer", "train", "--data", "text.jsonl", "--output", "$OUT"],
      ["--vocab-size"]
    ),
    (["distill", "student.yaml", "output=$OUT"], ["--seed", "--stop-at", "--threads"]),
  ]
  private static let realOptions: [(command: [String], options: [String])] = [
    (
      SharedWorld.build + ["--output", "$OUT", "--tokens", "20"],
      ["--tau", "--entries-per-token", "--temperature", "--held-out"]
    ),
    (
      ["generate", "--model", "model", "--prompt", "river", "--max-tokens", "2"],
      ["--temperature", "--top-p"]
    ),
    (["plan", "student.yaml"], ["--max-seconds", "--student-rate"]),
    (SharedWorld.audit, ["--taus", "--temperatures"]),
    (["evaluate", "--model", "model", "--data", "text.jsonl", "--tokens", "9"], ["--held-out"]),
  ]

  /// Runs a command for each of some values of an option, and expects orderly ends.
  private func expectOrderlyEnds(_ command: [String], _ values: [[String]]) throws {
    try inFolder { folder in
      for (index, words) in values.enumerated() {
        let out = folder.appending(path: "\(index)").path
        let all = (command + words).map { $0.replacing("$OUT", with: out) }
        let outcome = try Shell.run(
          "exec \"$TOOL\" " + all.map(Shell.quote).joined(separator: " "),
          in: try SharedWorld.folder())
        expectOrderlyEnd(outcome, all.joined(separator: " "))
      }
    }
  }

  @Test(
    "case arithmetic-overflow-traps: whole numbers of options", arguments: options.indices)
  func wholeOptions(index: Int) throws {
    let (command, options) = Self.options[index]
    try expectOrderlyEnds(command, options.flatMap { name in Self.whole.map { ["\(name)=\($0)"] } })
  }

  @Test(
    "case arithmetic-overflow-traps: numbers of options", arguments: realOptions.indices)
  func realOptionValues(index: Int) throws {
    let (command, options) = Self.realOptions[index]
    try expectOrderlyEnds(command, options.flatMap { name in Self.real.map { ["\(name)=\($0)"] } })
  }

  private static let keys = [
    "training.steps", "training.batch_size", "training.gradient_accumulation_steps",
    "training.learning_rate", "training.warmup_steps", "training.weight_decay",
    "training.adam_beta1", "training.adam_beta2", "training.adam_epsilon",
    "training.max_grad_norm", "training.seed", "training.save_steps", "training.logging_steps",
    "training.max_seconds", "loss.soft.value", "loss.router_aux_loss_coef",
    "loss.router_z_loss_coef", "loss.temperature", "model.hidden_size",
    "model.intermediate_size", "model.intermediate_size_mlp", "model.num_hidden_layers",
    "model.num_attention_heads", "model.num_key_value_heads", "model.head_dim",
    "model.max_position_embeddings", "model.initializer_range", "model.rms_norm_eps",
    "model.eos_token_id", "model.num_experts_per_tok", "model.num_local_experts",
    "model.interleave_moe_layer_step", "model.no_rope_layer_interval",
    "model.attention_chunk_size", "model.floor_scale", "model.attn_scale", "model.rope_theta",
  ]

  @Test("case arithmetic-overflow-traps: numbers of a config", arguments: keys)
  func configs(key: String) throws {
    let values = ["9223372036854775807", "1e308", "-1"]
    try expectOrderlyEnds(
      ["distill", "student.yaml", "output=$OUT", "training.max_seconds=3"],
      values.map { ["\(key)=\($0)"] })
  }

  @Test("case arithmetic-overflow-traps: numbers of a manifest, a config.json and a checkpoint")
  func files() throws {
    try SharedWorld.withStoppedRun { world, part in
      try expectSafe(
        "cache/manifest.json", ["cache", "inspect", "cache"], in: world, code: [0, 65])
      try expectSafe(
        "model/model/config.json",
        ["logits", "--model", "model/model", "--tokens", "1"]
          + ["--output", "logits"], in: world, code: [0, 64, 65, 69, 78])
      try expectSafe(
        "run/checkpoints/step-000002/state.json", part, in: world, code: [0, 65, 78])
    }
  }

  /// Puts extreme numbers into the place of every eighth of a file's numbers.
  private func expectSafe(
    _ file: String, _ command: [String], in world: URL, code: Set<Int32>
  ) throws {
    let place = world.appending(path: file)
    let text = try String(contentsOf: place, encoding: .utf8)
    defer { try? Data(text.utf8).write(to: place) }
    let numbers = text.matches(of: #/[:\[,]\s*(-?[0-9][0-9.e+-]*)(?=[,\]}\s])/#).map {
      $0.output.1.startIndex..<$0.output.1.endIndex
    }
    try #require(!numbers.isEmpty, "\(text)")
    let extremes = ["9223372036854775807", "-9223372036854775808", "1e308", "-1"]
    let step = max(1, numbers.count / 8)
    for (index, range) in numbers.enumerated() where index % step == 0 {
      let damaged = text.replacingCharacters(in: range, with: extremes[index / step % 4])
      try Data(damaged.utf8).write(to: place)
      let outcome = try Tool.run(command, in: world)
      let line = text[text.lineRange(for: range)].trimmingCharacters(in: .whitespaces)
      #expect(code.contains(outcome.status), "\(file), \(line): \(outcome)")
      expectOrderlyEnd(outcome, "\(file), \(line)")
    }
  }
}
