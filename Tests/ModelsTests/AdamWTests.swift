import Foundation
import Models
import Tensors
import TestSupport
import Testing

@Suite struct AdamWTests {
  private static let rate: Float = 0.01
  private let settings = AdamW.Settings(
    beta1: 0.8, beta2: 0.9, epsilon: 1e-6, weightDecay: 0.3, maxGradientNorm: 2)

  @Test func onlyMatricesThatAreNoEmbeddingsDecay() throws {
    let decoder = try Golden("llama3_scaled").model
    for parameter in decoder.parameters.parameters {
      let isSpared = parameter.name.contains("norm") || parameter.name.contains("embed_tokens")
      #expect(parameter.decays == !isSpared, "\(parameter.name)")
    }
    #expect(decoder.parameters.parameters.contains { $0.name == "lm_head.weight" && $0.decays })
  }

  /// Gradients of norm 0.5 are left alone, those of norm 20 clipped to 2.
  @Test(arguments: [0.5, 20.0])
  func updatesAreThoseOfTheFormulas(norm: Double) throws {
    let store = try Golden("llama3_scaled").model.parameters
    let optimizer = AdamW(count: store.count, settings)
    var reference = AdamReference(store, settings)
    for step in 0..<5 {
      let gradients = gradients(of: store, step: step, norm: norm)
      let found = optimizer.update(store, learningRate: Self.rate * Float(step + 1))
      reference.update(gradients, learningRate: Double(Self.rate) * Double(step + 1))
      #expect(abs(found - norm) < 1e-5 * norm)
    }
    #expect(optimizer.step == 5)
    expectClose(
      store.withValues { Array($0) }, reference.values.map { Float($0) }, within: 2e-6, "values")
    optimizer.withMoments { first, second in
      expectClose(Array(first), reference.first.map { Float($0) }, relative: 1e-5, "first")
      expectClose(Array(second), reference.second.map { Float($0) }, relative: 1e-5, "second")
    }
    #expect(store.withGradients { $0.allSatisfy { $0 == 0 } } == true, "gradients are cleared")
  }

  @Test(arguments: [Float.nan, .infinity])
  func aGradientThatIsNoNumberChangesNothing(broken: Float) throws {
    let store = try Golden("llama3_scaled").model.parameters
    let optimizer = AdamW(count: store.count, settings)
    let before = store.withValues { Array($0) }
    _ = gradients(of: store, step: 0, norm: 1)
    store.withGradients { $0[store.count / 2] = broken }
    #expect(!optimizer.update(store, learningRate: Self.rate).isFinite)
    let isSame = store.withValues { $0.elementsEqual(before) }
    #expect(isSame)
    #expect(optimizer.step == 0)
    optimizer.withMoments { first, second in
      #expect(first.allSatisfy { $0 == 0 } && second.allSatisfy { $0 == 0 })
    }
    #expect(store.withGradients { $0.allSatisfy { $0 == 0 } } == true, "gradients are cleared")
  }

  /// Writes random gradients of a norm into the store.
  private func gradients(of store: ParameterStore, step: Int, norm: Double) -> [Double] {
    var gradients = [Float].random(store.count, seed: UInt64(step))
    let scale = norm / gradients.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    for index in gradients.indices { gradients[index] *= Float(scale) }
    _ = store.withGradients { $0.update(fromContentsOf: gradients) }
    return gradients.map(Double.init)
  }
}

/// AdamW as the paper has it, in float64.
private struct AdamReference {
  private(set) var values: [Double]
  private(set) var first: [Double]
  private(set) var second: [Double]
  private let decays: [Bool]
  private let settings: AdamW.Settings
  private var step = 0

  init(_ store: ParameterStore, _ settings: AdamW.Settings) {
    values = store.withValues { $0.map(Double.init) }
    first = values.map { _ in 0 }
    second = first
    decays = store.parameters.flatMap { Array(repeating: $0.decays, count: $0.range.count) }
    self.settings = settings
  }

  mutating func update(_ gradients: [Double], learningRate: Double) {
    step += 1
    let (beta1, beta2) = (Double(settings.beta1), Double(settings.beta2))
    let norm = gradients.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let clip = min(1, Double(settings.maxGradientNorm) / norm)
    for (i, gradient) in gradients.enumerated() {
      let g = gradient * clip
      first[i] = beta1 * first[i] + (1 - beta1) * g
      second[i] = beta2 * second[i] + (1 - beta2) * g * g
      let m = first[i] / (1 - pow(beta1, Double(step)))
      let v = second[i] / (1 - pow(beta2, Double(step)))
      let decay = decays[i] ? Double(settings.weightDecay) * values[i] : 0
      values[i] -= learningRate * (m / (v.squareRoot() + Double(settings.epsilon)) + decay)
    }
  }
}
