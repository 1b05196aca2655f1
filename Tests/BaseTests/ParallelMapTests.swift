@testable import Base
import Testing

@Suite struct ParallelMapTests {
  @Test(arguments: [1, 3, 64])
  func resultsComeInOrder(threads: Int) {
    let told = Told()
    let squares = Parallel.map(50, threads: threads, progress: { told.add($0) }) { $0 * $0 }
    #expect(squares == (0..<50).map { $0 * $0 })
    #expect(told.numbers == Array(1...50))
  }

  @Test func nothingIsDoneForNothing() {
    #expect(Parallel.map(0, threads: 4) { $0 } == [])
  }

  /// The counts in the order in which they were told, which is from one thread at a time.
  private final class Told: @unchecked Sendable {
    private(set) var numbers: [Int] = []

    func add(_ number: Int) { numbers.append(number) }
  }
}
