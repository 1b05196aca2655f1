import Foundation
import Testing

/// A tokenizer, a text and a pretrained model in a folder, made by the executable itself.
enum TinyWorld {
  /// Texts with nothing in common but their words.
  static let texts = (0..<30).map { index in
    let words = "river lamp stone bread winter sail copper orchard hill song".split(separator: " ")
    var state = UInt64(index + 1)
    return (0..<24).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return String(words[Int(state >> 33) % words.count])
    }.joined(separator: " ")
  }

  /// The texts as JSON lines.
  static func lines(_ texts: some Sequence<String>) -> String {
    texts.map { #"{"text": "\#($0)"}"# }.joined(separator: "\n")
  }

  /// The texts, and the config of the run `model`.
  static let files = [
    "text.jsonl": lines(texts),
    "model.yaml": TinyTraining.sections
      + "training: {steps: 2, batch_size: 2, learning_rate: 1e-2}\noutput: model\n",
  ]

  /// Runs the tool and expects it to succeed.
  @discardableResult
  static func tool(
    _ arguments: [String], in folder: URL, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Tool.Outcome {
    let outcome = try Tool.run(arguments, in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
    return outcome
  }

  /// Runs a body in a folder with `text.jsonl`, `tokenizer.json`, `model.yaml` and its run `model`.
  static func with(_ files: [String: String] = [:], _ body: (URL) throws -> Void) throws {
    try inFolder(self.files.merging(files) { $1 }) { folder in
      try tool(
        ["tokenizer", "train", "--data", "text.jsonl", "--vocab-size", "270", "--output"]
          + ["tokenizer.json"], in: folder)
      try tool(["pretrain", "model.yaml"], in: folder)
      try body(folder)
    }
  }
}
