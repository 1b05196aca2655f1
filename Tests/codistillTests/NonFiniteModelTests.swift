import Foundation
import TestSupport
import Testing

/// Models with weights that are no numbers, or far too large: what every command makes of them.
@Suite struct NonFiniteModelTests {
  private static let files = [
    "text.jsonl": #"{"text": "\#(String(repeating: "the cat saw dogs by the sea ", count: 9))"}"#,
    "run.yaml": TinyTraining.sections + """
      training: {steps: 2, batch_size: 2, learning_rate: 1e-2, seed: 1}
      output: runs/sound
      """,
  ]

  private func inFolderWithModel(_ body: (URL) throws -> Void) throws {
    try inFolder(Self.files) { folder in
      let tokenizer = ["tokenizer", "train", "--data", "text.jsonl", "--vocab-size", "270"]
      for arguments in [tokenizer + ["--output", "tokenizer.json"], ["pretrain", "run.yaml"]] {
        let outcome = try Tool.run(arguments, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      try body(folder)
    }
  }

  /// Copies the model, with all weights of a tensor, or the first alone, replaced; with a width, the
  /// first of each row, and the others are 0.
  private func poison(
    _ folder: URL, _ copy: String, tensor: String, with value: Float, all: Bool = false,
    every width: Int = 1
  ) throws {
    let target = folder.appending(path: copy)
    try FileManager.default.copyItem(at: folder.appending(path: "runs/sound/model"), to: target)
    let file = target.appending(path: "model.safetensors")
    var bytes = try Data(contentsOf: file)
    let header = Int(bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    let tensors = try #require(
      try JSONSerialization.jsonObject(with: bytes[8..<(8 + header)]) as? [String: Any])
    let entry = try #require(tensors[tensor] as? [String: Any])
    let offsets = try #require(entry["data_offsets"] as? [Int])
    let end = all ? offsets[1] : offsets[0] + 4
    for place in stride(from: offsets[0], to: end, by: 4) {
      let number = (place - offsets[0]) / 4 % width == 0 ? value : 0
      withUnsafeBytes(of: number.bitPattern.littleEndian) {
        bytes.replaceSubrange((8 + header + place)..<(8 + header + place + 4), with: $0)
      }
    }
    try bytes.write(to: file)
  }

  private func expectRefusal(_ arguments: [String], _ words: String, in folder: URL) throws {
    let outcome = try Tool.run(arguments, in: folder)
    #expect(outcome.status == 65 && outcome.output == "", "\(arguments): \(outcome)")
    let last = try #require(outcome.errors.split(separator: "\n").last)
    #expect(last.hasPrefix("codistill: error: ") && last.contains(words), "\(arguments): \(last)")
  }

  @Test(
    "cases nan-model, evaluate-nan: a weight that is no number is named by every command",
    arguments: [Float.nan, .infinity, -.infinity])
  func everyCommandRefuses(value: Float) throws {
    try inFolderWithModel { folder in
      try poison(folder, "bad", tensor: "model.norm.weight", with: value)
      let evaluate = ["evaluate", "--data", "text.jsonl", "--model"]
      let distill =
        ["distill", "run.yaml", "data.sequence_length=16", "output=d"]
        + ["loss={soft: {schedule: constant, value: 0.9}}"]
      let commands = [
        evaluate + ["bad"], evaluate + ["bad", "--json"],
        evaluate + ["runs/sound", "--teacher", "bad"],
        ["generate", "--model", "bad", "--prompt", "the cat"],
        ["generate", "--model", "bad", "--prompt", "the cat", "--json"],
        ["logits", "--model", "bad", "--tokens", "1,2", "--output", "l"],
        ["cache", "build", "--teacher", "bad", "--data", "text.jsonl", "--output", "c"],
        ["cache", "build", "--stream-layers", "--teacher", "bad", "--data", "text.jsonl"]
          + ["--output", "e"],
        distill + ["teacher=bad"],
        ["pretrain", "run.yaml", "initialize={from: bad}", "output=p"],
      ]
      for command in commands {
        try expectRefusal(command, "bad: model.norm.weight holds", in: folder)
      }
    }
  }

  @Test("case nan-model: logits that overflow are an error, not a mean of nan or a perfect score")
  func overflowingLogits() throws {
    try inFolderWithModel { folder in
      try poison(folder, "huge", tensor: "lm_head.weight", with: 3e38, all: true)
      let evaluate = ["evaluate", "--data", "text.jsonl", "--model"]
      for command in [
        evaluate + ["huge"], evaluate + ["runs/sound", "--teacher", "huge"],
        ["generate", "--model", "huge", "--prompt", "the cat", "--json"],
        ["logits", "--model", "huge", "--tokens", "1,2", "--output", "l"],
      ] {
        try expectRefusal(command, "are no numbers", in: folder)
      }
    }
  }

  @Test("case nll-zero: equal logits are a uniform distribution however large they are")
  func equalHugeLogits() throws {
    try inFolderWithModel { folder in
      // One column alone: no order of summation makes unequal logits of it.
      try poison(folder, "flat", tensor: "lm_head.weight", with: 1e20, all: true, every: 16)
      let outcome = try Tool.run(
        ["evaluate", "--model", "flat", "--data", "text.jsonl", "--json"], in: folder)
      let figures = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      let nll = try #require(figures["nll"] as? Double)
      #expect(abs(nll - log(270)) < 1e-6)
      let against = try Tool.run(
        ["evaluate", "--model", "runs/sound", "--teacher", "flat", "--data", "text.jsonl"]
          + ["--json"], in: folder)
      let compared = try #require(
        try JSONSerialization.jsonObject(with: Data(against.output.utf8)) as? [String: Any])
      let kl = try #require(compared["kl"] as? Double)
      #expect(kl >= 0 && kl < 1, "an untrained model is near to the uniform distribution")
      #expect(try #require(compared["acceptance"] as? Double) <= 1)
    }
  }
}
