import Foundation
import Models
import Tensors
import TestSupport

/// A tiny checkpoint with random weights and what transformers computes with it.
struct Golden {
  /// Llama 4: Scout, Maverick, and a text-only one with two experts a token and tied embeddings.
  static let llama4 = ["scout_like", "maverick_like", "text_top2_tied"]
  /// One of each family besides, and Qwen 3 with YaRN.
  static let families = [
    "qwen2_tied", "qwen3", "qwen3_yarn", "qwen3_moe", "mistral_sliding", "mixtral_moe",
  ]
  static let all = llama4 + ["llama_tied", "llama3_scaled"] + families

  let model: Decoder
  private let expected: SafetensorsFile

  init(_ name: String) throws {
    let folder = Fixtures.url("golden").appending(path: name)
    let checkpoint = try Checkpoint.open(folder.path)
    model = Decoder(checkpoint.config, trainable: true)
    for parameter in model.parameters.parameters {
      try model.parameters.withValues(parameter.range) {
        try checkpoint.read(parameter.name, shape: parameter.shape, into: $0)
      }
    }
    expected = try SafetensorsFile(path: folder.appending(path: "expected.safetensors").path)
  }

  /// The names of the expected tensors that begin so, without that beginning.
  func names(after prefix: String) -> [String] {
    expected.names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
  }

  func floats(_ name: String) throws -> [Float] { try expected.floats(name) }

  /// A matrix of integers, row by row.
  func rows(_ name: String) throws -> [[Int32]] {
    let values = try expected.int64s(name).map { Int32($0) }
    let width = expected.entry(name)?.shape.last ?? 1
    return stride(from: 0, to: values.count, by: width).map { Array(values[$0..<($0 + width)]) }
  }
}

/// Some token ids that every golden model has, below 96.
func someTokens(_ count: Int, seed: Int = 0) -> [Int32] {
  (0..<count).map { index -> Int32 in Int32((index * 37 + seed * 11 + 5) % 96) }
}
