import Tensors
import TestSupport
import Testing
import Text

@testable import Models

@Suite struct TokenBatchTests {
  @Test func positionsCountFromEachDocument() {
    let batch = TokenBatch(documents: [[5, 6, 7], [8], [9, 10]])
    #expect(batch.tokens == [5, 6, 7, 8, 9, 10])
    #expect(batch.positions == [0, 1, 2, 0, 0, 1])
    #expect(batch.documentStarts == [0, 0, 0, 3, 4, 4])
  }

  @Test func packedSequencesGiveTheirInputs() {
    let sequences = [
      PackedSequence(tokens: [1, 2, 3, 4, 5], fragments: [3, 2]),
      PackedSequence(tokens: [6, 7], fragments: [2]),
    ]
    let batch = TokenBatch(sequences)
    #expect(batch.tokens == [1, 2, 4, 6])
    #expect(batch.positions == [0, 1, 0, 0])
    #expect(batch.documentStarts == [0, 0, 2, 3])
  }

  @Test func padsSeeOnlyThemselves() {
    let batch = TokenBatch(leftPadded: [[0, 0, 1, 2], [3, 4, 5, 6]], padding: [2, 0])
    #expect(batch.positions == [0, 0, 0, 1, 0, 1, 2, 3])
    #expect(batch.documentStarts == [0, 1, 2, 2, 4, 4, 4, 4])
    #expect(batch.temperatureIndices == batch.positions)
    let slots = TokenBatch(
      leftPadded: [[0, 0, 1, 2], [3, 4, 5, 6]], padding: [2, 0], slotTemperature: true)
    #expect(slots.temperatureIndices == [0, 1, 2, 3, 0, 1, 2, 3])
  }

  @Test(arguments: Golden.all) func noTokensGiveNoLogits(name: String) throws {
    let model = try Golden(name).model
    #expect(model.logits(TokenBatch(documents: [])).shape == [0, model.config.vocabSize])
  }

  @Test(arguments: Golden.all) func aPackedDocumentHasTheLogitsItHasAlone(name: String) throws {
    let model = try Golden(name).model
    // Longer than a chunk (6) and than a step of the temperature (4), and some shorter.
    let documents = [13, 1, 5, 20, 2].enumerated().map { someTokens($1, seed: $0) }
    let packed = model.logits(TokenBatch(documents: documents)).array
    let alone = documents.flatMap { model.logits(TokenBatch(documents: [$0])).array }
    expectClose(packed, alone, relative: 5e-6)
  }
}
