import Testing

@testable import StudyPage

@Suite struct PositionBinTests {
  @Test(arguments: [1, 64, 65, 512, 8192, 1_000_000])
  func binsCoverEveryPositionOnce(count: Int) {
    let bins = PositionBin.logarithmic(Array(repeating: 2, count: count))
    #expect(bins.count <= 64 && bins.first?.first == 1 && bins.last?.last == count)
    #expect(zip(bins, bins.dropFirst()).allSatisfy { $0.last + 1 == $1.first })
    #expect(bins.allSatisfy { $0.nll == 2 })
  }

  @Test func aBinIsTheMeanOfWhatIsKnown() {
    let bins = PositionBin.logarithmic([1, .nan, 3, 4, 6, .nan], limit: 2)
    // The ends are √6 ≈ 2 and 6.
    #expect(bins.map(\.nll) == [1, 13.0 / 3])
    #expect(PositionBin.logarithmic([.nan, 2]) == [.init(first: 2, last: 2, nll: 2)])
    #expect(PositionBin.logarithmic([]) == [])
  }
}
