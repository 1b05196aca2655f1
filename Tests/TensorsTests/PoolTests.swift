import Base
import Foundation
import TestSupport
import Testing

@testable import Tensors

@Suite struct PoolTests {
  /// In a process of its own, because the count of misses is global.
  @Test func aRepeatedStepAllocatesNothing() async {
    await #expect(processExitsWith: .success) {
      Parallel.threadCount = 1
      let weight = Tensor.random([48, 48], seed: 1)
      let x = Tensor.random([100, 48], seed: 2, requiresGradient: false)
      let windows = AttentionWindows(
        starts: .init(repeating: 0, count: 100), ends: Array(1...100))
      func step() {
        let h = rmsNorm(linear(x, weight, adding: x), nil, eps: 1e-5)
        let mixed = attention(h, h, h, heads: 3, keyValueHeads: 3, windows)
        weightedSum(swiGLU(packed: mixed), .init(repeating: 1, count: 2400)).backward()
      }
      step()
      let misses = Pool.missCount
      precondition(misses > 0)
      for _ in 0..<3 { step() }
      precondition(Pool.missCount == misses, "\(Pool.missCount - misses) new misses")
      Pool.trim()
      step()
      precondition(Pool.missCount > misses, "trimming kept the memory")
    }
  }

  @Test func everNewSizesDoNotPileUp() async {
    await #expect(processExitsWith: .success) {
      for step in 1...500 { _ = Storage(count: step * 10_000) }
      let largest = 500 * 40_000
      precondition(Pool.heldBytes <= 2 * largest * 9 / 8, "\(Pool.heldBytes) bytes are held")
      Pool.trim()
      precondition(Pool.heldBytes == 0, "\(Pool.heldBytes) bytes are in use")
    }
  }

  @Test func storageIsAlignedAndOfItsSize() {
    for count in [0, 1, 1023, 1024, 1025, 3 << 20] {
      let storage = Storage(zeros: count)
      #expect(storage.count == count)
      #expect(UInt(bitPattern: storage.base) % 64 == 0)
      #expect(UnsafeBufferPointer(start: storage.base, count: count).allSatisfy { $0 == 0 })
    }
  }

  @Test func aPartKeepsTheWholeAlive() {
    func part() -> Storage {
      let whole = Storage(count: 4096)
      whole.base.update(repeating: 7, count: 4096)
      return Storage(of: whole, range: 100..<200)
    }
    let kept = part()
    let other = Storage(zeros: 4096)
    withExtendedLifetime((kept, other)) {
      #expect(UnsafeBufferPointer(start: kept.base, count: 100).allSatisfy { $0 == 7 })
    }
  }
}
