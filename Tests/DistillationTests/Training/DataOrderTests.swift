import Distillation
import Testing

@Suite struct DataOrderTests {
  private func visits(_ range: Range<Int>, count: Int, seed: UInt64) -> [Int] {
    var order = DataOrder(count: count, seed: seed)
    return range.map { order.sequence(at: $0) }
  }

  @Test(arguments: [1, 2, 7, 100])
  func everyEpochVisitsEverySequenceOnce(count: Int) {
    let visits = visits(0..<(3 * count), count: count, seed: 5)
    for epoch in 0..<3 {
      #expect(visits[(epoch * count)..<((epoch + 1) * count)].sorted() == Array(0..<count))
    }
  }

  @Test func everyEpochAndSeedHasAnOrderOfItsOwn() {
    let first = visits(0..<100, count: 50, seed: 5)
    #expect(Array(first[0..<50]) != Array(first[50..<100]))
    #expect(Array(first[0..<50]) != Array(0..<50))
    #expect(first == visits(0..<100, count: 50, seed: 5))
    #expect(first != visits(0..<100, count: 50, seed: 6))
  }

  /// A step's visits may cross epochs, and a run may begin anywhere.
  @Test func theOrderIsAFunctionOfTheVisitAlone() {
    let all = visits(0..<40, count: 7, seed: 1)
    for start in [3, 6, 7, 20] {
      #expect(visits(start..<40, count: 7, seed: 1) == Array(all[start..<40]))
    }
    var order = DataOrder(count: 7, seed: 1)
    for visit in [13, 2, 39, 0, 14, 13] { #expect(order.sequence(at: visit) == all[visit]) }
  }
}
