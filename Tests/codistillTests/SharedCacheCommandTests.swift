import Foundation
import Testing

/// Several processes train on one cache at the same time.
@Suite struct SharedCacheCommandTests {
  private static let students = """
    model:
      model_type: llama
      vocab_size: 270
      hidden_size: 16
      intermediate_size: 16
      num_hidden_layers: 1
      num_attention_heads: 2
      num_key_value_heads: 1
      head_dim: 8
      max_position_embeddings: 32
    cache: cache
    training: {steps: 8, batch_size: 3, learning_rate: 1e-2, seed: 1}
    loss: {soft: {value: 0.5}}
    output: alone
    """

  @Test func everyStudentLearnsWhatItWouldAlone() async throws {
    let text = (0..<40).map { "{\"text\": \"the cat saw \($0) dogs and ran to the barn\"}" }
    let teacher =
      TinyTraining.sections + """
        training: {steps: 2, batch_size: 2, learning_rate: 1e-2, seed: 1}
        output: teacher
        """
    let folder = FileManager.default.temporaryDirectory.appending(
      path: UUID().uuidString, directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = [
      "text.jsonl": text.joined(separator: "\n"), "teacher.yaml": teacher,
      "student.yaml": Self.students,
    ]
    for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
    for arguments in [
      ["tokenizer", "train", "--data", "text.jsonl", "--vocab-size", "270", "--output"]
        + ["tokenizer.json"],
      ["pretrain", "teacher.yaml"],
      ["cache", "build", "--teacher", "teacher", "--data", "text.jsonl", "--output", "cache"]
        + ["--sequence-length", "16", "--sequences-per-shard", "4"],
      ["distill", "student.yaml"],
    ] {
      let outcome = try Tool.run(arguments, in: folder)
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for name in ["a", "b", "c"] {
        group.addTask {
          let outcome = try Tool.run(["distill", "student.yaml", "output=\(name)"], in: folder)
          #expect(outcome.status == 0, "\(outcome.errors)")
        }
      }
      try await group.waitForAll()
    }
    let weights = try ["alone", "a", "b", "c"].map {
      try Data(contentsOf: folder.appending(path: "\($0)/model/model.safetensors"))
    }
    for other in weights.dropFirst() { #expect(other == weights[0]) }
  }
}
