import Foundation
import Tensors
import TestSupport
import Testing

@testable import Models

/// Rotary settings against transformers, which made `rope_scalings.safetensors` (make_rope.py).
@Suite("case gguf-rope-factor: stretched contexts") struct RopeScalingTests {
  let folder: TemporaryFolder
  let expected: SafetensorsFile

  init() throws {
    folder = try TemporaryFolder()
    expected = try SafetensorsFile(path: fixture("rope_scalings.safetensors"))
  }

  /// The logits of a checkpoint on the fixture's tokens, and its frequencies.
  private func expect(_ checkpoint: Checkpoint, computesAs name: String) throws {
    let model = try Decoder(checkpoint)
    let tokens = try expected.int64s("tokens").map { Int32($0) }
    expectClose(
      model.logits(TokenBatch(documents: [tokens])).array, try expected.floats(name + ".logits"),
      relative: 2e-5, name)
    let frequencies = try expected.floats(name + ".inv_freq")
    expectClose(
      zip(checkpoint.config.rotaryFrequencies, frequencies).map { $0 / $1 },
      frequencies.map { _ in 1 }, within: 3e-7, name)
  }

  private static let llama3 = #"""
    "factor": 6, "low_freq_factor": 1, "high_freq_factor": 3, "original_max_position_embeddings": 96
    """#

  static let configs: [(name: String, keys: String)] = [
    ("plain", #""rope_theta": 50000"#),
    ("plain", #""rope_theta": 50000, "rope_scaling": {"type": "linear", "factor": 1.0}"#),
    ("linear", #""rope_theta": 50000, "rope_scaling": {"type": "linear", "factor": 2.5}"#),
    (
      "linear",
      #""rope_parameters": {"rope_theta": 50000, "rope_type": "linear", "factor": 2.5}"#
    ),
    ("llama3", #""rope_theta": 50000, "rope_scaling": {"rope_type": "llama3", \#(llama3)}"#),
  ]

  @Test(arguments: configs) func aConfigComputesWhatTransformersDoes(
    name: String, keys: String
  ) throws {
    let config = #"""
      {"model_type": "llama", "vocab_size": 12, "hidden_size": 32, "intermediate_size": 64,
       "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
       "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "tie_word_embeddings": true, \#(keys)}
      """#
    _ = try folder.write(Array(config.utf8), as: "config.json")
    let weights = try Data(contentsOf: URL(filePath: fixture("tiny_llama.safetensors")))
    _ = try folder.write(Array(weights), as: "model.safetensors")
    try expect(try Checkpoint.open(folder.path), computesAs: name)
  }

  /// The tiny GGUF with more metadata before its own.
  private func gguf(_ add: (inout GGUFBuilder) -> Void) throws -> Checkpoint {
    var builder = GGUFBuilder()
    add(&builder)
    var added = builder.values.flatMap { GGUFBuilder.string($0.key) + $0.bytes }
    // The data stays where its alignment wants it: a text fills up to the next multiple of 32.
    let label = GGUFBuilder.string("general.note") + littleEndian(8 as UInt32)
    let filling = 32 - (added.count + label.count + 8) % 32
    added += label + GGUFBuilder.string(String(repeating: "x", count: filling))
    var bytes = Array(try Data(contentsOf: URL(filePath: fixture("tiny_llama.gguf"))))
    let count = bytes[16..<24].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    bytes.replaceSubrange(16..<24, with: littleEndian(count + UInt64(builder.values.count) + 1))
    bytes.insert(contentsOf: added, at: 24)
    return try Checkpoint.open(try folder.write(bytes, as: "x.gguf"))
  }

  static let metadata: [(name: String, add: @Sendable (inout GGUFBuilder) -> Void)] = [
    ("plain", { _ in }),
    ("plain", { $0.add("llama.rope.scaling.type", "none") }),
    ("plain", { $0.add("llama.rope.scaling.factor", 0 as Float) }),
    (
      "linear",
      {
        $0.add("llama.rope.scaling.type", "linear")
        $0.add("llama.rope.scaling.factor", 2.5 as Float)
        $0.add("llama.rope.scaling.original_context_length", 51 as UInt32)
        $0.add("llama.rope.scaling.finetuned", true)
      }
    ),
    ("linear", { $0.add("llama.rope.scaling.factor", 2.5 as Float) }),
    ("linear", { $0.add("llama.rope.scale_linear", 2.5 as Float) }),
  ]

  @Test(arguments: metadata.indices) func metadataComputeWhatTransformersDoes(
    index: Int
  ) throws {
    let (name, add) = Self.metadata[index]
    try expect(try gguf(add), computesAs: name)
  }

  @Test func aSavedModelKeepsItsScaling() throws {
    let checkpoint = try gguf { $0.add("llama.rope.scaling.factor", 2.5 as Float) }
    try Decoder(checkpoint).save(to: folder.path + "/saved")
    try expect(try Checkpoint.open(folder.path + "/saved"), computesAs: "linear")
  }
}
