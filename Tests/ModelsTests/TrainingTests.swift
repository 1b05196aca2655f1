import Foundation
import Models
import Tensors
import TestSupport
import Testing

@Suite struct TrainingTests {
  @Test(arguments: ["scout_like", "text_top2_tied", "llama_tied"])
  func oneBatchIsLearntByHeart(name: String) throws {
    var config = try Golden(name).model.config
    config.initializerRange = 0.1
    let model = Decoder(config, trainable: true)
    model.parameters.initialize(seed: 3)
    let documents: [[Int32]] = [[1, 5, 9, 5, 17, 3, 70, 2], [4, 6, 8, 99, 23, 11]]
    var optimizer = PlainAdam(count: config.parameterCount)
    var losses: [Float] = []
    for _ in 0..<60 {
      let logits = model.logits(TokenBatch(documents: documents))
      let loss = crossEntropy(logits, nextTokens(documents))
      losses.append(loss.item)
      loss.backward()
      optimizer.step(model.parameters)
    }
    let uniform = log(Float(config.vocabSize))
    #expect(abs(losses[0] - uniform) < 0.25 * uniform, "an untrained model knows nothing")
    #expect(losses[59] < 0.02, "\(losses[0]) → \(losses[59])")
  }

  @Test func aStepHasTheSameBitsOnAnyNumberOfThreads() throws {
    func gradients(threads: Int) throws -> [Float] {
      let model = try Golden("scout_like").model
      return try withThreadCount(threads) {
        let documents = (0..<9).map { someTokens(40, seed: $0) }
        let logits = model.logits(TokenBatch(documents: documents))
        crossEntropy(logits, nextTokens(documents)).backward()
        return try #require(model.parameters.withGradients { Array($0) })
      }
    }
    let one = try gradients(threads: 1)
    #expect(try gradients(threads: 2) == one)
    #expect(try gradients(threads: 3) == one)
  }
}

/// Adam with a learning rate of 0.01, written plainly; clears the gradients.
private struct PlainAdam {
  private var first, second: [Float]
  private var steps = 0

  init(count: Int) {
    first = Array(repeating: 0, count: count)
    second = first
  }

  mutating func step(_ parameters: ParameterStore) {
    steps += 1
    let corrections = (1 - pow(0.9, Float(steps)), 1 - pow(0.95, Float(steps)))
    parameters.withGradients { gradients in
      parameters.withValues { values in
        for (i, g) in gradients.enumerated() {
          first[i] = 0.9 * first[i] + 0.1 * g
          second[i] = 0.95 * second[i] + 0.05 * g * g
          let deviation = (second[i] / corrections.1).squareRoot()
          values[i] -= 0.01 * first[i] / corrections.0 / (deviation + 1e-8)
          gradients[i] = 0
        }
      }
    }
  }
}
