import Tensors
import TestSupport
import Testing

@Suite struct ParameterStoreTests {
  @Test func declaredTensorsShareTheBuffers() {
    let store = ParameterStore(count: 10, trainable: true)
    let norm = store.root["norm"].ones("weight", [4])
    let matrix = store.root["a"]["b"].normal("weight", [2, 3], deviation: 0.5)
    #expect(store.parameters.map(\.name) == ["norm.weight", "a.b.weight"])
    #expect(store.parameters.map(\.range) == [0..<4, 4..<10])
    #expect(store.parameters.map(\.decays) == [false, true])
    store.withValues { values in for i in values.indices { values[i] = Float(i) } }
    #expect(norm.array == [0, 1, 2, 3] && matrix.array == [4, 5, 6, 7, 8, 9])
    weightedSum(matrix, [1, 2, 3, 4, 5, 6]).backward()
    #expect(store.withGradients { Array($0) } == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6])
    #expect(store.withGradients(5..<7) { Array($0) } == [2, 3])
  }

  @Test func whatIsDeclaredIsCountedFirst() {
    func declare(_ root: ParameterScope) -> Tensor {
      _ = root.zeros("bias", [3])
      return root["e"].stacked(["a", "b"], [2, 3], groups: 2, deviation: 1)
    }
    let declared = ParameterStore.parameters { _ = declare($0) }
    #expect(declared.map(\.name) == ["bias", "e.a", "e.b"])
    #expect(declared.map(\.range) == [0..<3, 3..<9, 9..<15])
    let (store, both) = ParameterStore.declaring(trainable: false, declare)
    #expect(store.count == 15 && both.shape == [2, 2, 3])
    store.withValues { values in for i in values.indices { values[i] = Float(i) } }
    #expect(both.array == (3..<15).map { Float($0) })
  }

  @Test func aFrozenStoreHasNoGradients() {
    let store = ParameterStore(count: 2, trainable: false)
    let weight = store.root.ones("weight", [2])
    store.initialize(seed: 1)
    #expect(!weight.requiresGradient && weight.array == [1, 1])
    #expect(store.withGradients { $0.count } == nil)
  }

  @Test func valuesDependOnSeedAndNameOnly() {
    func values(_ names: [String], seed: UInt64, threads: Int) -> [[Float]] {
      let store = ParameterStore(count: names.count * 1000, trainable: false)
      let tensors = names.map { store.root.normal($0, [1000], deviation: 0.3) }
      withThreadCount(threads) { store.initialize(seed: seed) }
      return tensors.map(\.array)
    }
    let first = values(["a", "b", "c"], seed: 1, threads: 1)
    #expect(values(["c", "b", "a"], seed: 1, threads: 3) == first.reversed())
    #expect(values(["a", "b", "c"], seed: 2, threads: 1)[0] != first[0])
    #expect(first[0] != first[1])
    for array in first {
      let mean = array.reduce(0, +) / 1000
      let variance = array.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1000
      #expect(abs(mean) < 0.04 && abs(variance.squareRoot() - 0.3) < 0.03)
    }
  }
}
