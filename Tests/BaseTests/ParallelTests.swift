import Base
import Synchronization
import TestSupport
import Testing

@testable import Tensors

@Suite struct ParallelTests {
  @Test(arguments: [0, 1, 2, 7, 1000], [1, 2, 5]) func everyIndexOnce(count: Int, threads: Int) {
    let seen = Mutex([Int](repeating: 0, count: count))
    withThreadCount(threads) {
      Parallel.forEach(count) { index in seen.withLock { $0[index] += 1 } }
    }
    #expect(seen.withLock { $0 } == Array(repeating: 1, count: count))
  }

  @Test func nestedWorkIsDone() {
    let total = Mutex(0)
    withThreadCount(3) {
      Parallel.forEach(10) { outer in
        Parallel.forEach(10) { inner in total.withLock { $0 += outer * 10 + inner } }
      }
    }
    #expect(total.withLock { $0 } == 4950)
  }

  @Test(arguments: [(0, 8), (1, 100_000), (1000, 64), (5, 40_000), (100_000, 1)])
  func rowsCoverAll(rows: Int, columns: Int) {
    let ranges = Mutex<[Range<Int>]>([])
    Parallel.rows(rows, columns: columns) { range in ranges.withLock { $0.append(range) } }
    let sorted = ranges.withLock { $0 }.sorted { $0.lowerBound < $1.lowerBound }
    #expect(sorted.flatMap(\.self) == Array(0..<rows))
  }
}
