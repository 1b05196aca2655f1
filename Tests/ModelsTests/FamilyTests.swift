import Foundation
import Tensors
import TestSupport
import Testing

@testable import Models

/// Checkpoints of every family, saved, read layer by layer, and from GGUF.
@Suite struct FamilyTests {
  private static func path(_ name: String) -> String {
    Fixtures.url("golden").appending(path: name).path
  }

  /// A saved model has the tensors it was read from, to the bit, and says so in its config.
  @Test(arguments: Golden.families) func whatIsSavedIsTheSame(name: String) throws {
    let source = try Checkpoint.open(Self.path(name))
    let folder = try TemporaryFolder()
    let paths = ["first", "second"].map { folder.path + "/" + $0 }
    try Decoder(source).save(to: paths[0])
    let saved = try Checkpoint.open(paths[0])
    #expect(saved.config == source.config)
    #expect(saved.tensorNames == source.tensorNames)
    try Decoder(saved).save(to: paths[1])
    for file in ["config.json", "model.safetensors"] {
      let bytes = try paths.map { try Data(contentsOf: URL(filePath: $0 + "/" + file)) }
      #expect(bytes[0] == bytes[1])
    }
    for tensor in source.tensorNames {
      let shape = try #require(source.shape(of: tensor))
      #expect(try saved.floats(tensor, shape) == (try source.floats(tensor, shape)), "\(tensor)")
    }
  }

  @Test(arguments: Golden.all) func oneLayerAtATimeHasTheSameBits(name: String) throws {
    let checkpoint = try Checkpoint.open(Self.path(name))
    let (whole, streamed) = (try Decoder(checkpoint), try StreamedDecoder(checkpoint))
    let texts = [someTokens(23), someTokens(7, seed: 2)].map { TokenBatch(documents: [$0]) }
    for (text, hidden) in zip(texts, try streamed(texts)) {
      #expect(hidden.array == whole(text).array)
    }
  }

  @Test(arguments: Golden.families) func aMissingTensorIsNamed(name: String) throws {
    let checkpoint = try Checkpoint.open(Self.path(name))
    var config = checkpoint.config
    config.numHiddenLayers += 1
    config.ropeLayers.append(true)
    config.chunkedLayers.append(false)
    config.slidingLayers.append(false)
    let missing = Decoder(config, trainable: false)
    let error = #expect(throws: CheckpointError.self) { try missing.load(checkpoint) }
    #expect(error?.description.contains("model.layers.3.") == true)
  }

  /// A GGUF of the same numbers computes the same; its rows stand as Hugging Face's.
  @Test(arguments: ["qwen2_tied", "qwen3", "qwen3_yarn"])
  func aGGUFComputesTheSame(name: String) throws {
    let source = try Checkpoint.open(Self.path(name))
    let builder = try gguf(source)
    let folder = try TemporaryFolder()
    let read = try Checkpoint.open(try folder.write(builder.bytes, as: "x.gguf"))
    let text = TokenBatch(documents: [someTokens(19)])
    #expect(try Decoder(read).logits(text).array == (try Decoder(source).logits(text).array))
    #expect(read.config.ropeScaling == source.config.ropeScaling)
  }

  /// SmolLM 3's files have the rows of queries and keys in another order, as Llama's have.
  @Test func aGGUFOfSmolLM3ComputesTheSame() throws {
    var config = DecoderConfig(
      modelType: .smolLM3, vocabSize: 120, hiddenSize: 24, intermediateSize: 20,
      numHiddenLayers: 4, numAttentionHeads: 3, numKeyValueHeads: 1)
    config.ropeLayers = [true, true, true, false]
    config.tieWordEmbeddings = true
    config.initializerRange = 0.3
    let drawn = Decoder(config, trainable: false)
    drawn.parameters.initialize(seed: 4)
    let folder = try TemporaryFolder()
    try drawn.save(to: folder.path + "/model")
    let builder = try gguf(try Checkpoint.open(folder.path + "/model"))
    let read = try Checkpoint.open(try folder.write(builder.bytes, as: "x.gguf"))
    #expect(read.config.ropeLayers == config.ropeLayers)
    let text = TokenBatch(documents: [someTokens(19)])
    #expect(try Decoder(read).logits(text).array == drawn.logits(text).array)
  }

  private func gguf(_ source: Checkpoint) throws -> GGUFBuilder {
    var builder = GGUFBuilder()
    let (config, family) = (source.config, source.config.modelType.name)
    builder.add("general.architecture", family)
    for (key, number) in [
      ("block_count", config.numHiddenLayers), ("context_length", config.maxPositionEmbeddings),
      ("embedding_length", config.hiddenSize), ("feed_forward_length", config.intermediateSize),
      ("attention.head_count", config.numAttentionHeads),
      ("attention.head_count_kv", config.numKeyValueHeads),
      ("attention.key_length", config.headDim), ("attention.value_length", config.headDim),
    ] { builder.add(family + "." + key, UInt32(number)) }
    builder.add(family + ".attention.layer_norm_rms_epsilon", config.rmsNormEps)
    builder.add(family + ".rope.freq_base", Float(config.ropeTheta))
    if case .yarn(let scaling)? = config.ropeScaling {
      builder.add(family + ".rope.scaling.type", "yarn")
      builder.add(family + ".rope.scaling.factor", Float(scaling.factor))
      builder.add(
        family + ".rope.scaling.original_context_length",
        UInt32(scaling.originalMaxPositionEmbeddings))
    }
    for name in source.tensorNames {
      let shape = try #require(source.shape(of: name))
      let values = try source.floats(name, shape)
      let isPermuted =
        config.modelType.gguf?.permutesRows == true
        && (name.hasSuffix("q_proj.weight") || name.hasSuffix("k_proj.weight"))
      builder.add(
        Self.stored(name), shape: shape,
        isPermuted ? Self.interleaved(values, width: shape[1], head: config.headDim) : values)
    }
    return builder
  }

  /// Rows of heads with the halves of each rotary pair side by side.
  private static func interleaved(_ values: [Float], width: Int, head: Int) -> [Float] {
    (0..<(values.count / width)).flatMap { row in
      let (start, place) = (row / head * head, row % head)
      let from = start + place / 2 + place % 2 * (head / 2)
      return values[(from * width)..<((from + 1) * width)]
    }
  }

  /// The name that converters give a tensor.
  private static func stored(_ name: String) -> String {
    let parts = [
      ("model.layers.", "blk."), ("model.embed_tokens.", "token_embd."),
      ("model.norm.", "output_norm."), ("lm_head.", "output."),
      ("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm"),
      ("self_attn.o_proj", "attn_output"), ("self_attn.q_proj", "attn_q"),
      ("self_attn.k_proj", "attn_k"), ("self_attn.v_proj", "attn_v"),
      ("self_attn.q_norm", "attn_q_norm"), ("self_attn.k_norm", "attn_k_norm"),
      ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down"),
    ]
    return parts.reduce(name) { $0.replacing($1.0, with: $1.1) }
  }
}
