import Foundation
import Testing
import Text

@testable import Models

@Suite struct GGUFLlamaTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ builder: GGUFBuilder) throws -> Checkpoint {
    try Checkpoint.open(try folder.write(builder.bytes, as: "x.gguf"))
  }

  @Test func theTensorsAreThoseOfTransformers() throws {
    let checkpoint = try Checkpoint.open(fixture("tiny_llama.gguf"))
    let expected = try SafetensorsFile(path: fixture("tiny_llama.safetensors"))
    #expect(checkpoint.tensorNames == expected.names)
    for entry in expected.entries {
      let values = try checkpoint.floats(entry.name, entry.shape)
      let reference = try expected.floats(entry.name)
      #expect(values == reference, "\(entry.name)")
    }
    try checkpoint.requireNothing(besides: expected.names)
  }

  @Test func theMetadataBecomeAConfig() throws {
    let config = try Checkpoint.open(fixture("tiny_llama.gguf")).config
    var expected = DecoderConfig(
      modelType: .llama, vocabSize: 12, hiddenSize: 32, intermediateSize: 64, numHiddenLayers: 2,
      numAttentionHeads: 4, numKeyValueHeads: 2)
    expected.maxPositionEmbeddings = 128
    expected.ropeTheta = 50_000
    expected.tieWordEmbeddings = true
    (expected.bosTokenId, expected.eosTokenIds) = (0, [1])
    #expect(config == expected)
  }

  @Test func theVocabularyIsRead() throws {
    let file = try GGUFFile(path: fixture("tiny_llama.gguf"))
    let vocabulary = try #require(try file.vocabulary())
    #expect(vocabulary.tokens.count == 12 && vocabulary.tokens[9] == "ab")
    #expect(vocabulary.tokenTypes.prefix(3) == [3, 3, 1])
    #expect(vocabulary.merges == ["a b"] && vocabulary.preTokenizer == "smollm")
    #expect(vocabulary.bosTokenID == 0 && vocabulary.eosTokenID == 1)
    #expect(vocabulary.paddingTokenID == nil && vocabulary.addsBOS == false)
    let tokenizer = try Checkpoint.open(fixture("tiny_llama.gguf")).tokenizer()
    #expect(try tokenizer?.encode("abc") == [9, 4])
  }

  @Test("case generation-config-eos: the ends of turns and messages count")
  func theEndsOfTurnsCount() throws {
    var file = GGUFBuilder.llama
    file.add("tokenizer.ggml.eos_token_id", 1 as UInt32)
    let plain = try open(file)
    #expect(plain.config.eosTokenIds == [1])
    file.add("tokenizer.ggml.eot_token_id", 2 as UInt32)
    file.add("tokenizer.ggml.eom_token_id", 1 as UInt32)
    #expect(try open(file).config.eosTokenIds == [1, 2])
    #expect(try open(file).fingerprint == plain.fingerprint)
  }

  @Test func aFileWithoutVocabularyHasNoTokenizer() throws {
    #expect(try open(GGUFBuilder.llama).tokenizer() == nil)
    var other = GGUFBuilder.llama
    other.add("tokenizer.ggml.model", "llama")
    let error = #expect(throws: GGUFError.self) { try open(other).tokenizer() }
    #expect(error?.description.contains("the tokenizer llama is not supported") == true)
  }

  @Test func anOutputTensorUnties() throws {
    var builder = GGUFBuilder.llama
    #expect(try open(builder).config.tieWordEmbeddings)
    builder.add("output.weight", shape: [5, 8], Array(repeating: 1, count: 40))
    let checkpoint = try open(builder)
    #expect(!checkpoint.config.tieWordEmbeddings)
    #expect(checkpoint.shape(of: "lm_head.weight") == [5, 8])
  }

  /// The factors that converters store for Llama 3.x, by the rule of docs/llama4.md §2.4.
  private func factors(_ factor: Double, theta: Double, headDim: Int) -> [Float] {
    (0..<(headDim / 2)).map { index in
      let wavelength = 2 * Double.pi * pow(theta, Double(2 * index) / Double(headDim))
      if wavelength < 2048 { return 1 }
      if wavelength > 8192 { return Float(factor) }
      let smooth = (8192 / wavelength - 1) / 3
      return Float(1 / ((1 - smooth) / factor + smooth))
    }
  }

  @Test func storedFrequencyFactorsBecomeAScaling() throws {
    func builder(_ factors: [Float]) -> GGUFBuilder {
      var builder = GGUFBuilder.llama
      builder.values.removeAll { $0.key == "llama.rope.dimension_count" }
      builder.add("llama.attention.key_length", 64 as UInt32)
      builder.add("llama.rope.freq_base", 500_000 as Float)
      builder.add("rope_freqs.weight", shape: [factors.count], factors)
      return builder
    }
    var curve = factors(32, theta: 500_000, headDim: 64)
    #expect(Set(curve).count > 2, "some lie on the slope")
    let config = try open(builder(curve)).config
    #expect(
      config.ropeScaling
        == .llama3(
          .init(
            factor: 32, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositionEmbeddings: 8192)))
    #expect(config.headDim == 64)
    #expect(try open(builder(Array(repeating: 1, count: 32))).config.ropeScaling == nil)
    curve[20] *= 1.01
    for wrong in [curve, Array(repeating: .nan, count: 32)] {
      let error = #expect(throws: GGUFError.self) { try open(builder(wrong)) }
      #expect(error?.description.contains("rope_freqs.weight is not supported") == true)
    }
    #expect(throws: GGUFError.self) { try open(builder([1, 2])) }
  }

  static let refused: [(@Sendable (inout GGUFBuilder) -> Void, String)] = [
    (
      { $0.values[0].bytes = littleEndian(8 as UInt32) + GGUFBuilder.string("gemma") },
      "architecture gemma"
    ),
    ({ $0.values.remove(at: 0) }, "architecture unknown"),
    ({ $0.add("blk.0.attn_q.bias", shape: [1], [0]) }, "the tensor blk.0.attn_q.bias"),
    (
      { $0.add("blk.0.attn_k.weight", shape: [3, 1], [0, 0, 0]) },
      "model.layers.0.self_attn.k_proj.weight has shape [3, 1]"
    ),
    ({ $0.values.removeAll { $0.key == "llama.block_count" } }, "lacks the key num_hidden_layers"),
    (
      { $0.add("tokenizer.ggml.eos_token_id", 9 as UInt32) },
      "eos_token_id is 9, outside the vocabulary of 5"
    ),
    ({ $0.add("llama.rope.freq_base", "high") }, "llama.rope.freq_base must be a whole number"),
  ]

  @Test(arguments: refused.indices) func whatIsNotSupportedIsNamed(index: Int) throws {
    let (change, says) = Self.refused[index]
    var builder = GGUFBuilder.llama
    change(&builder)
    let error = #expect(throws: (any Error).self) { try open(builder) }
    let text = String(describing: error ?? CancellationError())
    #expect(text.contains(says) && text.hasPrefix(folder.path + "/x.gguf: "), "\(text)")
    #expect(!text.contains("\n"))
  }
}
