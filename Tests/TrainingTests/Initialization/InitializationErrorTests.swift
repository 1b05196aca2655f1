import Models
import TestRuns
import TestSupport
import Testing
@testable import Training

/// Shapes that do not fit are refused, and the error names the key to change.
@Suite struct InitializationErrorTests {
  private func expect(
    _ expected: InitializationError, source: String, layers: [Int]? = nil,
    sourceLocation: SourceLocation = #_sourceLocation, _ change: (inout DecoderConfig) -> Void
  ) throws {
    let source = try Tiny.checkpoint(source)
    var config = source.config
    change(&config)
    #expect(throws: expected, sourceLocation: sourceLocation) {
      try StudentInitialization(from: source, layers: layers, student: config)
    }
    #expect(!expected.description.contains("\n"), sourceLocation: sourceLocation)
  }

  private static let llama = "llama_tied"
  private static var path: String { Tiny.path(llama) }

  @Test func everyLayerOfTheStudentNeedsASource() throws {
    try expect(.layerCount(chosen: 2, student: 3), source: Self.llama, layers: [0, 1]) { _ in }
    try expect(.layerCount(chosen: 3, student: 2), source: Self.llama) { $0.numHiddenLayers = 2 }
  }

  @Test(arguments: [3, -1])
  func aLayerMustExist(layer: Int) throws {
    try expect(
      .noSuchLayer(layer, path: Self.path, count: 3), source: Self.llama, layers: [0, layer, 1]
    ) { _ in }
  }

  @Test func aMixtureDoesNotBecomeDense() throws {
    try expect(
      .mixtureToDense(layer: 3, path: Tiny.path("text_top2_tied")), source: "text_top2_tied"
    ) { $0.moeLayers = [1] }
  }

  @Test func sizesMustAgree() throws {
    let sizes: [(String, WritableKeyPath<DecoderConfig, Int>, Int)] = [
      ("vocab_size", \.vocabSize, 120), ("hidden_size", \.hiddenSize, 36),
      ("num_attention_heads", \.numAttentionHeads, 6),
      ("num_key_value_heads", \.numKeyValueHeads, 2), ("head_dim", \.headDim, 6),
    ]
    for (key, path, size) in sizes {
      try expect(
        .shape(key: key, student: 2 * size, source: size, path: Self.path), source: Self.llama
      ) { $0[keyPath: path] = 2 * size }
    }
  }

  @Test func theWidthOfTheFeedForwardMustAgreeUnderItsOwnKey() throws {
    func llama4(_ config: inout DecoderConfig, mixtures: [Int]) {
      config.modelType = .llama4Text
      (config.moeLayers, config.numLocalExperts) = (mixtures, 2)
      (config.intermediateSize, config.intermediateSizeMlp) = (51, 52)
    }
    try expect(
      .shape(key: "intermediate_size", student: 51, source: 50, path: Self.path),
      source: Self.llama
    ) { llama4(&$0, mixtures: [0, 1, 2]) }
    try expect(
      .shape(key: "intermediate_size_mlp", student: 52, source: 50, path: Self.path),
      source: Self.llama
    ) { llama4(&$0, mixtures: []) }
    try expect(
      .shape(key: "intermediate_size", student: 51, source: 50, path: Self.path),
      source: Self.llama
    ) { $0.intermediateSize = 51 }
  }

  @Test func theNumberOfExpertsMustAgree() throws {
    try expect(
      .shape(
        key: "num_local_experts", student: 8, source: 4, path: Tiny.path("text_top2_tied")),
      source: "text_top2_tied"
    ) { $0.numLocalExperts = 8 }
  }

  @Test func aTiedStudentCannotHoldAnUntiedSource() throws {
    try expect(.untiedSource(path: Tiny.path("llama3_scaled")), source: "llama3_scaled") {
      $0.tieWordEmbeddings = true
    }
  }
}
