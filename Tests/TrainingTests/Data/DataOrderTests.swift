import Testing
@testable import Training

@Suite struct DataOrderTests {
  private func visits(_ range: Range<Int>, count: Int, seed: UInt64) -> [Int] {
    let order = DataOrder(count: count, seed: seed)
    return range.map { order.visit($0).sequence }
  }

  @Test(arguments: [1, 2, 7, 100])
  func everyEpochVisitsEverySequenceOnce(count: Int) {
    let visits = visits(0..<(3 * count), count: count, seed: 5)
    for epoch in 0..<3 {
      #expect(visits[(epoch * count)..<((epoch + 1) * count)].sorted() == Array(0..<count))
    }
  }

  @Test func visitsCountTheEpochs() {
    let order = DataOrder(count: 7, seed: 1)
    #expect([0, 6, 7, 13, 14, 700].map { order.visit($0).epoch } == [0, 0, 1, 1, 2, 100])
  }

  @Test func everyEpochAndSeedHasAnOrderOfItsOwn() {
    let first = visits(0..<100, count: 50, seed: 5)
    #expect(Array(first[0..<50]) != Array(first[50..<100]))
    #expect(Array(first[0..<50]) != Array(0..<50))
    #expect(first == visits(0..<100, count: 50, seed: 5))
    #expect(first != visits(0..<100, count: 50, seed: 6))
  }

  /// A run goes on in the order that it began in, whatever it was built with: should these numbers
  /// change, `DataOrder.algorithm` must, too.
  @Test func theOrderIsWrittenInStone() {
    let order10 = [1, 6, 4, 5, 8, 9, 0, 7, 3, 2, 5, 6, 0, 7, 2, 8, 3, 4, 1, 9]
    #expect(visits(0..<20, count: 10, seed: 0) == order10)
    let orderOfMany = [227_658_781, 186_455_734, 183_202_498, 520_187_160]
    #expect(visits(999_999..<1_000_003, count: 1_000_000_007, seed: 42) == orderOfMany)
  }
}
