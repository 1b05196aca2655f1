import Foundation
import Tensors
import Testing

@testable import Models

/// A tied model's output projection is the embedding table, or the file is refused: transformers 5
/// computes with the tensor that is there, others with the table.
@Suite struct TyingTests {
  private let folder: TemporaryFolder
  private let config: DecoderConfig = {
    var config = DecoderConfig(
      modelType: .llama, vocabSize: 5, hiddenSize: 8, intermediateSize: 6, numHiddenLayers: 1,
      numAttentionHeads: 2)
    config.tieWordEmbeddings = true
    return config
  }()

  init() throws { folder = try TemporaryFolder() }

  /// A whole model with a projection of its own, or none.
  private func checkpoint(projection: [Float]?, shape: [Int] = [5, 8]) throws -> Checkpoint {
    let decoder = Decoder(config, trainable: false)
    decoder.parameters.initialize(seed: 1)
    var values: [String: ([Int], [Float])] = [:]
    for parameter in decoder.parameters.parameters {
      let floats = decoder.parameters.withValues(parameter.range) { Array($0) }
      values[parameter.name] = (parameter.shape, floats)
    }
    let table = try #require(values["model.embed_tokens.weight"])
    if let projection {
      values["lm_head.weight"] = (shape, projection.isEmpty ? table.1 : projection)
    }
    let path = folder.path + "/model"
    // A tied model is saved without one.
    var untied = config
    untied.tieWordEmbeddings = false
    try HuggingFaceFolder.save(to: path, config: untied, values, replacing: true)
    try Data(config.huggingFaceJSON()).write(to: URL(filePath: path + "/config.json"))
    return try Checkpoint.open(path)
  }

  @Test func aCopyOfTheTableIsTheTable() throws {
    let tokens = TokenBatch(documents: [[1, 2]])
    let plain = try Decoder(try checkpoint(projection: nil)).logits(tokens)
    let copied = try Decoder(try checkpoint(projection: [])).logits(tokens)
    #expect(plain.array == copied.array)
  }

  @Test func anotherProjectionIsRefusedByEveryReader() throws {
    let other = try checkpoint(projection: (0..<40).map { Float($0) })
    let expected = CheckpointError.otherProjection(path: other.path)
    #expect(throws: expected) { try Decoder(other) }
    #expect(throws: expected) { try StreamedDecoder(other) }
    #expect(throws: expected) { try other.requireTied() }
    let larger = try checkpoint(projection: (0..<48).map { Float($0) }, shape: [6, 8])
    #expect(throws: CheckpointError.self) { try Decoder(larger) }
  }
}
