import Foundation
import Testing

/// Models of two tokenizers of as many ids are not taken for models of one. (case padded-vocabulary:
/// the same kind, ids that mean something else)
@Suite struct OtherTokenizerTests {
  private static let comparison = """
    base: student.yaml
    arms: [{name: own}, {name: other, changes: {tokenizer: other.json}}]
    data: {paths: [text.jsonl], sequence_length: 16}
    overlap: keep
    output: study
    """

  private func inWorld(_ body: (URL) throws -> Void) throws {
    let reversed = TinyWorld.texts.map { String($0.reversed()).uppercased() }
    let student =
      TinyTraining.sections
      + "training: {steps: 2, batch_size: 2, learning_rate: 1e-2}\noutput: student\n"
    let files = [
      "reversed.jsonl": TinyWorld.lines(reversed), "student.yaml": student,
      "compare.yaml": Self.comparison,
    ]
    try TinyWorld.with(files) { folder in
      for (size, name) in [("270", "other.json"), ("265", "small.json")] {
        try TinyWorld.tool(
          ["tokenizer", "train", "--data", "reversed.jsonl", "--vocab-size", size]
            + ["--output", name], in: folder)
      }
      try body(folder)
    }
  }

  @Test func armsOfTwoTokenizersAreNotCompared() throws {
    try inWorld { folder in
      for arms in [
        "{name: own}, {name: other, changes: {tokenizer: other.json}}",
        "{name: own}, {name: other, changes: {tokenizer: small.json, model.vocab_size: 265}}",
        "{name: other, changes: {tokenizer: small.json, model.vocab_size: 265}}, {name: own}",
      ] {
        try Tool.expectFailure(
          ["compare", "compare.yaml", "arms=[\(arms)]"], status: 65, mentions: "arm '",
          "one tokenizer", in: folder)
      }
      try TinyWorld.tool(["pretrain", "student.yaml", "tokenizer=other.json"], in: folder)
      try Tool.expectFailure(
        ["compare", "compare.yaml", "arms=[{name: own}]", "teacher=student"], status: 65,
        mentions: "the teacher student", "another tokenizer", in: folder)
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "study").path))
    }
  }

  @Test func rowsOfOtherTokensAreTold() throws {
    try inWorld { folder in
      let pretrained = try TinyWorld.tool(
        ["pretrain", "student.yaml", "initialize={from: model}", "tokenizer=other.json"],
        in: folder)
      let told = "of 270 ids stand for other text than in the tokenizer of model"
      #expect(pretrained.errors.contains(told), "\(pretrained.errors)")
      let given = ["--model", "model", "--tokenizer", "other.json"]
      for command in [
        ["generate", "--prompt", "river"] + given,
        ["evaluate", "--data", "text.jsonl", "--window", "16"] + given,
      ] {
        let outcome = try TinyWorld.tool(command, in: folder)
        #expect(outcome.errors.contains("--tokenizer: "), "\(outcome.errors)")
      }
      let own = try TinyWorld.tool(
        ["generate", "--prompt", "river", "--model", "model", "--tokenizer", "tokenizer.json"],
        in: folder)
      #expect(!own.errors.contains("stand for other text"))
    }
  }
}
