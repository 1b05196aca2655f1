import Foundation
import Models
import TestSupport
import Testing

/// case padded-vocabulary: rows beyond the tokenizer's ids have no mass, no targets and no say.
@Suite struct PaddedVocabularyTests {
  /// Writes the world's model with rows of zeros beyond the tokenizer's 270 ids.
  private func pad(to rows: Int, in folder: URL) throws {
    let model = try Checkpoint.open(folder.appending(path: "model/model").path)
    let padded = folder.appending(path: "padded")
    try FileManager.default.createDirectory(at: padded, withIntermediateDirectories: true)
    let names = ["model.embed_tokens.weight", "lm_head.weight"]
    let shapes = model.tensorNames.map { name in
      var shape = model.shape(of: name) ?? []
      if names.contains(name) { shape[0] = rows }
      return NamedShape(name: name, shape: shape)
    }
    try SafetensorsWriter.write(
      to: padded.appending(path: "model.safetensors").path, tensors: shapes, type: .float32
    ) { name, body in
      let (own, shape) = (
        model.shape(of: name) ?? [], shapes.first { $0.name == name }?.shape ?? []
      )
      var values = [Float](repeating: 0, count: shape.reduce(1, *))
      try values.withUnsafeMutableBufferPointer { values in
        let stored = UnsafeMutableBufferPointer(rebasing: values[..<own.reduce(1, *)])
        try model.read(name, shape: own, into: stored)
        try body(UnsafeBufferPointer(values))
      }
    }
    let config = try String(
      contentsOf: folder.appending(path: "model/model/config.json"), encoding: .utf8)
    let sized = config.replacing(/"vocab_size" ?: ?270/, with: "\"vocab_size\": \(rows)")
    #expect(sized != config)
    try Data(sized.utf8).write(to: padded.appending(path: "config.json"))
    try FileManager.default.copyItem(
      at: folder.appending(path: "tokenizer.json"), to: padded.appending(path: "tokenizer.json"))
  }

  private func inWorld(_ body: (URL) throws -> Void) throws {
    let data = "data: {paths: text.jsonl, sequence_length: 16}"
    let files = [
      "cached.yaml": TinyTraining.distillation(from: "cache: c", to: "cached"),
      "whole.yaml": TinyTraining.distillation(from: "cache: whole", to: "whole-run"),
      "live.yaml": TinyTraining.distillation(from: "teacher: padded\n\(data)", to: "live"),
      "source.yaml": TinyTraining.distillation(
        from: "cache: c\ninitialize: {from: padded}", to: "source"),
    ]
    try TinyWorld.with(files) { folder in
      try pad(to: 300, in: folder)
      try body(folder)
    }
  }

  private func build(_ teacher: String, _ output: String, in folder: URL) throws -> Tool.Outcome {
    try TinyWorld.tool(
      ["cache", "build", "--teacher", teacher, "--data", "text.jsonl", "--output", output]
        + ["--sequence-length", "16", "--codec", "dense", "--json"], in: folder)
  }

  @Test("case padded-vocabulary: a padded teacher says what the same without padding says")
  func cachesAreAlike() throws {
    try inWorld { folder in
      let padded = try build("padded", "c", in: folder)
      #expect(padded.errors.contains("30 rows beyond the tokenizer's 270 ids"))
      #expect(padded.output.contains("\"vocab_size\":270"))
      _ = try build("model", "whole", in: folder)
      // Frames alike: the rest of a shard names the teacher's file.
      let exports = try ["c", "whole"].map { cache in
        try TinyWorld.tool(
          ["cache", "export", cache, "--format", "jsonl", "--output", "\(cache).jsonl"], in: folder)
        return try Data(contentsOf: folder.appending(path: "\(cache).jsonl"))
      }
      #expect(!exports[0].isEmpty && exports[0] == exports[1])
      // And so do the students.
      for run in ["cached.yaml", "whole.yaml"] { try TinyWorld.tool(["distill", run], in: folder) }
      let students = try ["cached", "whole-run"].map {
        try Data(contentsOf: folder.appending(path: "\($0)/model/model.safetensors"))
      }
      #expect(students[0] == students[1])
      let live = try TinyWorld.tool(["distill", "live.yaml"], in: folder)
      #expect(live.errors.contains("30 rows beyond"))
      let audit = try TinyWorld.tool(["cache", "audit", "c", "--teacher", "padded"], in: folder)
      #expect(audit.status == 0)
    }
  }

  @Test("case padded-vocabulary: a student has the tokenizer's rows, whatever its config says")
  func studentsAreCut() throws {
    try inWorld { folder in
      _ = try build("padded", "c", in: folder)
      for (run, more) in [
        ("source.yaml", []), ("source.yaml", ["model.vocab_size=300"]),
        ("cached.yaml", ["model.vocab_size=288"]),
      ] {
        let output = "run-\(UUID().uuidString)"
        let outcome = try TinyWorld.tool(
          ["distill", run, "output=\(output)"] + more, in: folder)
        #expect(outcome.errors.contains("270 ids"), "\(outcome.errors)")
        let student = try Checkpoint.open(folder.appending(path: "\(output)/model").path)
        #expect(student.config.vocabSize == 270)
        #expect(student.shape(of: "model.embed_tokens.weight")?[0] == 270)
      }
    }
  }

  @Test("case padded-vocabulary: evaluate and generate leave the rows out, and say so")
  func evaluationLeavesThemOut() throws {
    try inWorld { folder in
      let data = ["--data", "text.jsonl", "--window", "16", "--json"]
      func evaluate(_ arguments: [String]) throws -> String {
        try TinyWorld.tool(["evaluate", "--model"] + arguments, in: folder).output
      }
      #expect(try evaluate(["padded"] + data) == evaluate(["model"] + data))
      #expect(
        try evaluate(["model", "--teacher", "padded"] + data)
          == evaluate(["model", "--teacher", "model"] + data))
      _ = try build("padded", "c", in: folder)
      let cached = ["--cache", "c", "--overlap", "keep", "--json"]
      #expect(try evaluate(["padded"] + cached) == evaluate(["model"] + cached))
      let prompt = ["--prompt", "river", "--max-tokens", "20", "--temperature", "1"]
      let texts = try ["padded", "model"].map {
        try TinyWorld.tool(["generate", "--model", $0] + prompt, in: folder).output
      }
      #expect(texts[0] == texts[1])
    }
  }
}
