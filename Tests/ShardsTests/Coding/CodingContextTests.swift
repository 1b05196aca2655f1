import Testing

@testable import Shards

@Suite struct CodingContextTests {
  @Test func classesOfCountsAreThoseOfTheFormat() {
    let counts = [0, 1, 2, 3, 4, 5, 6, 8, 9, 13, 14, 999].map(CodingContext.countClass)
    #expect(counts == [0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 7, 7])
    let remaining = [1, 2, 3, 4, 7, 8, 999].map(CodingContext.remainingClass)
    #expect(remaining == [1, 2, 3, 4, 4, 5, 5])
    #expect([0, 1, 2, 3, 4, 255, 256].map(CodingContext.bitLength) == [0, 1, 2, 2, 3, 8, 9])
  }

  @Test func classesOfSizesGoByDigits() {
    #expect(
      [0, 1, 2, 7, 8, 15, 16, 99].map { CodingContext.sizeClass($0, most: 5) }
        == [0, 1, 2, 3, 4, 4, 5, 5])
    #expect(
      [0, 15, 16, 31, 32, 2047, 5000].map { CodingContext.sizeClass($0, above: 4, most: 7) }
        == [0, 0, 1, 1, 2, 7, 7])
  }

  @Test func classesOfCertaintyAreThoseOfTheFormat() {
    // b = S / 4 below 40, else min(10, 6 + S / 16).
    #expect(
      [0, 3, 4, 39, 40, 47, 48, 63, 64, 79, 80].map(CodingContext.certaintyClass)
        == [0, 0, 1, 9, 8, 8, 9, 9, 10, 10, 10])
    #expect(
      [0, 7, 8, 15, 16, 63, 64, 127, 128, 9999].map(CodingContext.expectationClass)
        == [0, 7, 8, 8, 9, 10, 11, 11, 12, 12])
  }

  @Test func classesStayInTheirFamilies() {
    var found: Set<Int> = []
    for source in 0...2 {
      for place in [0, 1, 2, 50] {
        found.insert(CodingContext.foundClass(source: source, place: place))
      }
    }
    #expect(found == Set(0...6))
    var rows: Set<Int> = []
    for certainty in 0...80 {
      for heads in [0, 1, 2, 9] {
        for tails in [0, 1, 9] {
          rows.insert(CodingContext.rowClass(certainty: certainty, heads: heads, tails: tails))
        }
      }
    }
    #expect(rows == Set(0..<60))
    #expect((0...80).allSatisfy { CodingContext.certaintyClass($0) * 8 + 7 < 2 * 64 })
  }

  @Test func contextsOfIdsDoNotMeet() {
    var contexts: Set<Int> = []
    for role in CodingContext.Role.allCases {
      for place in [CodingContext.Place.recallCount, .listCount, .recall, .list, .kind, .rank] {
        for first in 0..<8 {
          for second in 0..<8 {
            contexts.insert(CodingContext.place(place, of: role, first, second))
          }
        }
      }
    }
    #expect(contexts == Set(0..<24 * 64))
  }

  @Test func everyFamilyIsOfOnePlane() {
    func plane(_ family: Int) -> CacheStatistics.PlaneName {
      CodingContext.plane(of: CodingContext.other(family, 63))
    }
    #expect((0..<18).allSatisfy { plane($0) == .ids })
    #expect(((18..<24) + [30, 31, 32]).allSatisfy { plane($0) == .tokens })
    #expect([24, 26].allSatisfy { plane($0) == .values })
    #expect([25, 27].allSatisfy { plane($0) == .counts })
    #expect([28, 29].allSatisfy { plane($0) == .entropy } && plane(33) == .nextLogProbability)
    #expect(CodingContext.count == 34 * 64)
  }
}
