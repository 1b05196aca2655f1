import Models
import Tensors
import TestSupport
import Testing

@Suite struct InitializationTests {
  @Test(arguments: Golden.all) func parameterCountIsTheDeclaredSum(name: String) throws {
    let model = try Golden(name).model
    let declared = model.parameters.parameters.map { $0.shape.reduce(1, *) }
    #expect(declared.reduce(0, +) == model.config.parameterCount)
    #expect(model.parameters.parameters.map(\.range.count) == declared)
    #expect(model.parameters.count == model.config.parameterCount)
  }

  @Test func activeParametersLeaveOutTheOtherExperts() throws {
    let config = try Golden("maverick_like").model.config
    // Two mixture layers, of whose four experts (3 · 32 · 24 weights each) one is used.
    #expect(config.parameterCount - config.activeParameterCount == 2 * 3 * 3 * 32 * 24)
    let dense = try Golden("llama_tied").model.config
    #expect(dense.parameterCount == dense.activeParameterCount)
  }

  @Test(arguments: Golden.all) func statistics(name: String) throws {
    let model = try Golden(name).model
    model.parameters.initialize(seed: 7)
    for parameter in model.parameters.parameters {
      let values = model.parameters.withValues(parameter.range) { $0.map(Double.init) }
      switch parameter.initialization {
      case .ones: #expect(values.allSatisfy { $0 == 1 })
      case .zeros: #expect(values.allSatisfy { $0 == 0 })
      case .normal(let deviation):
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let spread = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
        // Five standard errors.
        #expect(abs(mean) < 5 * Double(deviation) / count.squareRoot(), "\(parameter.name)")
        #expect(
          abs(spread / Double(deviation) - 1) < 5 / (2 * count).squareRoot(), "\(parameter.name)")
      }
    }
  }

  @Test func onlyMatricesDecay() throws {
    let parameters = try Golden("scout_like").model.parameters.parameters
    for parameter in parameters {
      let isMatrix = parameter.shape.count > 1 && parameter.name != "model.embed_tokens.weight"
      #expect(parameter.decays == isMatrix, "\(parameter.name)")
    }
  }

  @Test func sameSeedSameValuesOnAnyNumberOfThreads() throws {
    let model = try Golden("scout_like").model
    func values(seed: UInt64, threads: Int) -> [Float] {
      withThreadCount(threads) { model.parameters.initialize(seed: seed) }
      return model.parameters.withValues { Array($0) }
    }
    let one = values(seed: 1, threads: 1)
    #expect(values(seed: 1, threads: 3) == one)
    #expect(values(seed: 2, threads: 1) != one)
  }
}
