import Tensors
import TestSupport
import Testing

@testable import Models

@Suite struct KeyValueCacheTests {
  static let text = someTokens(23)

  /// Token by token; pieces that straddle chunk boundaries (every 6 tokens), fill one, skip one.
  static let pieces = [
    Array(repeating: 1, count: 23), [23], [5, 3, 10, 5], [6, 6, 1, 10], [4, 15, 1, 1, 2],
  ]

  @Test(arguments: Golden.all, pieces) func equalsTheFullPass(name: String, pieces: [Int]) throws {
    let model = try Golden(name).model
    let expected = model.logits(TokenBatch(documents: [Self.text])).array
    let cache = KeyValueCache(model.config)
    var logits: [Float] = []
    for count in pieces {
      let tokens = Array(Self.text[cache.count..<(cache.count + count)])
      let batch = TokenBatch(continuing: tokens, seen: cache.count)
      logits += model.logits(model(batch, cache: cache)).array
      expectKeptCounts(cache, model.config)
    }
    #expect(cache.count == Self.text.count)
    expectClose(logits, expected, relative: 5e-6)
  }

  private func expectKeptCounts(_ cache: KeyValueCache, _ config: DecoderConfig) {
    for layer in 0..<config.numHiddenLayers {
      let expected =
        switch config.span(ofLayer: layer) {
        case .full: cache.count
        case .chunk(let size): cache.count % size
        case .window(let size): min(cache.count, size - 1)
        }
      #expect(cache.keptCount(layer: layer) == expected)
    }
  }
}
