@testable import Base
import Foundation
import Models
import Tensors
import TestSupport
import Tensors
import Testing

@Suite struct ParameterCountTests {
  @Test(arguments: ["scout_like", "maverick_like"])
  func visionTowerIsThatOfTheCheckpoint(name: String) throws {
    let folder = Fixtures.url("golden").appending(path: name)
    let shape = try ModelShape(contentsOf: folder.path)
    let checkpoint = try Checkpoint.open(folder.path)
    func stored(_ prefix: String) -> Int {
      checkpoint.tensorNames.filter { $0.hasPrefix(prefix) }.reduce(0) {
        $0 + (checkpoint.shape(of: $1)?.reduce(1, *) ?? 0)
      }
    }
    #expect(shape.parameters.vision == stored("vision_model."))
    #expect(shape.parameters.projector == stored("multi_modal_projector."))
    #expect(shape.parameters.total == stored(""))
    #expect(shape.activeParameters.vision == 0 && shape.activeParameters.projector == 0)
  }

  /// What a tensor's name says it belongs to.
  @Test(arguments: Golden.all) func everyPartIsTheSumOfItsTensors(name: String) throws {
    let path = Fixtures.url("golden").appending(path: name).path
    let (shape, checkpoint) = (try ModelShape(contentsOf: path), try Checkpoint.open(path))
    var found = ParameterCounts()
    for name in checkpoint.tensorNames {
      let part: WritableKeyPath<ParameterCounts, Int> =
        switch name {
        case _ where name.hasPrefix("vision_model"): \.vision
        case _ where name.hasPrefix("multi_modal"): \.projector
        case _ where name.contains("norm"): \.norms
        case _ where name.contains("self_attn"): \.attention
        case _ where name.contains("shared_expert"): \.sharedExperts
        case _ where name.contains("router") || name.hasSuffix(".gate.weight"): \.routers
        case _ where name.contains("experts"): \.routedExperts
        case _ where name.contains("embed_tokens") || name.contains("lm_head"): \.embeddings
        default: \.denseFeedForward
        }
      found[keyPath: part] += try #require(checkpoint.shape(of: name)).reduce(1, *)
    }
    #expect(found == shape.parameters)
  }

  @Test(arguments: [
    (experts: 16, step: 1, total: 108.64, active: 17.17),
    (experts: 128, step: 2, total: 401.58, active: 17.18),
  ])
  func publishedFigures(experts: Int, step: Int, total: Double, active: Double) throws {
    let config = """
      {"model_type": "llama4",
       "text_config": {"model_type": "llama4_text", "vocab_size": 202048, "hidden_size": 5120,
         "intermediate_size": 8192, "intermediate_size_mlp": 16384, "num_hidden_layers": 48,
         "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128,
         "num_local_experts": \(experts), "interleave_moe_layer_step": \(step)},
       "vision_config": {"hidden_size": 1408, "intermediate_size": 5632, "num_hidden_layers": 34,
         "image_size": 336, "patch_size": 14, "projector_input_dim": 4096,
         "projector_output_dim": 4096, "vision_output_dim": 4096}}
      """
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
    try Data(config.utf8).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    let shape = try ModelShape(contentsOf: path.path)
    func billions(_ count: Int) -> Double { (Double(count) / 1e7).rounded() / 100 }
    #expect(billions(shape.parameters.total) == total)
    #expect(billions(shape.activeParameters.total) == active)
  }

  @Test func sizesThatNoNumberCountsAreRefused() {
    let sizes: [String: JSONValue] = [
      "model_type": .string("llama4_text"), "vocab_size": .int(1000),
      "hidden_size": .int(1_048_576), "intermediate_size": .int(16_777_216),
      "num_hidden_layers": .int(10_000), "num_attention_heads": .int(8),
      "num_local_experts": .int(65_536),
    ]
    #expect(throws: DecoderConfigError.self) { try ModelShape(hugging: sizes, source: "c") }
  }
}

@Suite struct OperationCountTests {
  private var config: DecoderConfig {
    DecoderConfig(
      modelType: .llama, vocabSize: 100, hiddenSize: 8, intermediateSize: 16, numHiddenLayers: 2,
      numAttentionHeads: 2)
  }

  @Test func weightsAreMultipliedOnceAndTheTableIsNot() {
    // A layer: four 8 × 8 projections, three 8 × 16; then 100 × 8 logits.
    let expected = 2 * Double(2 * (4 * 64 + 3 * 128) + 800)
    #expect(OperationCounts(config, context: 7).weights == expected)
    var tied = config
    tied.tieWordEmbeddings = true
    #expect(OperationCounts(tied, context: 7).weights == expected)
  }

  @Test func attentionIsTheMeanOverTheKeysThatAreSeen() {
    var chunked = config
    (chunked.attentionChunkSize, chunked.chunkedLayers) = (3, [true, false])
    for context in 1...10 {
      let full = (0..<context).map { Double($0 + 1) }.reduce(0, +) / Double(context)
      let inChunks = (0..<context).map { Double($0 % 3 + 1) }.reduce(0, +) / Double(context)
      let found = OperationCounts(chunked, context: context).attention
      #expect(abs(found - 4 * 8 * (full + inChunks)) < 1e-9)
    }
  }

  @Test func trainingIsThreeForwardPassesAndAHalfOfAttention() {
    let counts = OperationCounts(config, context: 5)
    #expect(counts.training == 3 * counts.forward + counts.attention / 2)
  }
}

@Suite struct MemoryNeedTests {
  @Test func chunkedLayersKeepAtMostAChunk() {
    var config = DecoderConfig(
      modelType: .llama4Text, vocabSize: 100, hiddenSize: 32, intermediateSize: 16,
      numHiddenLayers: 4, numAttentionHeads: 4, numKeyValueHeads: 2)
    #expect(MemoryNeed.cacheBytesPerToken(config, bytesPerNumber: 2) == 4 * 2 * 2 * 8 * 2)
    (config.attentionChunkSize, config.chunkedLayers) = (10, [true, true, true, false])
    #expect(
      MemoryNeed.cacheBytes(config, context: 25, bytesPerNumber: 4) == (3 * 10 + 25) * 32 * 4)
    #expect(MemoryNeed.cacheBytes(config, context: 5, bytesPerNumber: 4) == 4 * 5 * 32 * 4)
  }

  @Test func trainingTakesSixteenBytesAParameter() throws {
    let golden = try Golden("llama_tied")
    let store = golden.model.parameters
    #expect(MemoryNeed.trainingStateBytes(golden.model.config) == 16 * store.count)
  }

  @Test func activationsGrowWithTheTokens() {
    let config = DecoderConfig(
      modelType: .llama, vocabSize: 100, hiddenSize: 32, intermediateSize: 64, numHiddenLayers: 2,
      numAttentionHeads: 4)
    let one = MemoryNeed.activationBytes(config, batchTokens: 1000)
    #expect(MemoryNeed.activationBytes(config, batchTokens: 3000) > 2 * one)
  }
}
