import Foundation
import Models
import Tensors
import TestRuns
import TestSupport
import Testing
import Training

/// Students made from layers of other families' models.
@Suite struct FamilyInitializationTests {
  private func filled(
    _ config: DecoderConfig, from source: Checkpoint
  ) throws -> (student: Models.Decoder, differences: [String]) {
    let student = Models.Decoder(config, trainable: false)
    // What is not filled would show.
    student.parameters.withValues { $0.update(repeating: .nan) }
    let initialization = try StudentInitialization(from: source, layers: nil, student: config)
    try initialization.fill(student, seed: 5)
    return (student, initialization.differences)
  }

  private func logits(_ model: Models.Decoder) -> [Float] {
    let documents: [[Int32]] = [(0..<40).map { Int32($0 * 37 % 96) }, [3, 1, 4, 1, 5]]
    return model.logits(TokenBatch(documents: documents)).array
  }

  private func expectSameFunction(
    _ config: DecoderConfig, from source: Checkpoint,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (student, differences) = try filled(config, from: source)
    #expect(differences == [], sourceLocation: sourceLocation)
    expectClose(
      logits(student), logits(try Models.Decoder(source)), relative: 1e-5,
      sourceLocation: sourceLocation)
  }

  @Test(arguments: ["qwen2_tied", "qwen3_yarn", "mistral_sliding", "qwen3_moe", "mixtral_moe"])
  func everyLayerOfTheSameFamily(name: String) throws {
    let source = try Tiny.checkpoint(name)
    try expectSameFunction(source.config, from: source)
  }

  @Test func biasesBeginAsZeros() throws {
    let source = try Tiny.checkpoint("llama_tied")
    var config = source.config
    config.modelType = .qwen2
    try expectSameFunction(config, from: source)
  }

  /// Copies of a feed-forward, whose weights add up to one, are that feed-forward.
  @Test(arguments: [(Architecture.qwen3Moe, "qwen3"), (.mixtral, "mistral_sliding")])
  func aDenseModelBecomesAMixture(family: Architecture, name: String) throws {
    let source = try Tiny.checkpoint(name)
    var config = source.config
    config.modelType = family
    config.moeIntermediateSize = source.config.denseWidth
    config.moeLayers = [0, 2]
    (config.numLocalExperts, config.numExpertsPerTok) = (4, 2)
    if family == .mixtral { config.moeLayers = [0, 1, 2] }
    try expectSameFunction(config, from: source)
  }

  /// The layers that do not rotate, and rotary pairs that lie otherwise.
  @Test func aLlama4BecomesASmolLM3() throws {
    try withTemporaryDirectory { folder in
      var config = Tiny.mixture()
      config.moeLayers = []
      config.attnTemperatureTuning = false
      config.ropeLayers = [true, false]
      let path = folder.appending(path: "llama4").path
      try Tiny.student(config, seed: 8).save(to: path)
      config.modelType = .smolLM3
      config.intermediateSize = config.intermediateSizeMlp
      try expectSameFunction(config, from: try Checkpoint.open(path))
    }
  }

  @Test func whatComputesOtherwiseIsTold() throws {
    let changes: [(source: String, says: String, change: (inout DecoderConfig) -> Void)] = [
      ("qwen2_tied", "the bias of queries, keys and values is none", { $0.modelType = .llama }),
      (
        "qwen3", "use_qk_norm is true, the source's true with a gain",
        { $0.modelType = .llama4Text }
      ),
      (
        "mistral_sliding", "sliding_window in its layers (0: none) is [0, 8, 8]",
        { $0.slidingLayers[0] = false }
      ),
      ("qwen3_yarn", "rope_scaling is none", { $0.ropeScaling = nil }),
      ("qwen3_moe", "norm_topk_prob is false", { $0.normTopkProb = false }),
    ]
    for (name, says, change) in changes {
      let source = try Tiny.checkpoint(name)
      var config = source.config
      change(&config)
      config.intermediateSizeMlp = config.intermediateSize
      let told = try StudentInitialization(from: source, layers: nil, student: config).differences
      #expect(told.count == 1 && told[0].hasPrefix(says), "\(name): \(told)")
    }
  }

  @Test func aMixtureOfAnotherFamilyIsRefused() throws {
    let source = try Tiny.checkpoint("mixtral_moe")
    var config = source.config
    config.modelType = .qwen3Moe
    let error = InitializationError.otherMixture(
      student: "qwen3_moe", source: "mixtral", path: source.path)
    #expect(throws: error) {
      try StudentInitialization(from: source, layers: nil, student: config)
    }
    #expect(error.description.contains("model.model_type is qwen3_moe, but"))
  }
}
