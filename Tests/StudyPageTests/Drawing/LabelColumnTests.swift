import Testing

@testable import StudyPage

@Suite struct LabelColumnTests {
  @Test func labelsThatHaveRoomStay() {
    #expect(LabelColumn.places([80, 10, 40], gap: 15, from: 0, to: 100) == [80, 10, 40])
    #expect(LabelColumn.places([], gap: 15, from: 0, to: 100) == [])
    #expect(LabelColumn.places([140], gap: 15, from: 0, to: 100) == [100])
  }

  @Test func crowdedLabelsKeepTheirGapAndOrder() {
    let wishes = [50, 51, 52, 53.0, 99, 98]
    let places = LabelColumn.places(wishes, gap: 10, from: 0, to: 100)
    let sorted = places.sorted()
    #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $1 - $0 >= 10 - 1e-9 })
    #expect(places.allSatisfy { (0...100).contains($0) })
    #expect(places[0] < places[1] && places[5] < places[4])
    // Four labels around 51.5: none is moved farther than need be.
    #expect(abs(places[0] - 36.5) < 1e-9 && abs(places[3] - 66.5) < 1e-9)
  }

  @Test func tooManyLabelsShareTheRoom() {
    let places = LabelColumn.places(Array(repeating: 5, count: 21), gap: 10, from: 0, to: 100)
    #expect(places.sorted() == (0...20).map { Double($0) * 5 })
  }
}
