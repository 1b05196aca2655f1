import Testing

@testable import StudyPage

@Suite struct LineSeriesTests {
  private func points(_ values: [Double], from first: Int = 1) -> [CurvePoint] {
    values.enumerated().map { CurvePoint(x: Double(first + $0.offset), y: $0.element) }
  }

  @Test func theMeanStandsWhereAllRunsAre() {
    let series = LineSeries(
      label: "a", style: ArmStyle(0), runs: [points([1, 2, 3]), points([3, 4]), []])
    #expect(series.mean == [CurvePoint(x: 1, y: 2), CurvePoint(x: 2, y: 3)])
    #expect(series.upper.map(\.y) == [3, 4] && series.lower.map(\.y) == [1, 2])
    #expect(series.runs.count == 2 && series.runCount == 2)
  }

  @Test func runsThatAreAllTheSameAreDrawnOnce() {
    let series = LineSeries(
      label: "a", style: ArmStyle(0), runs: [points([1, 2]), points([1, 2])])
    #expect(series.mean.count == 2 && series.runs.isEmpty && series.upper.isEmpty)
    #expect(series.runCount == 2)
  }

  @Test func whatIsNoNumberIsLeftOut() {
    let series = LineSeries(label: "a", style: ArmStyle(0), runs: [points([1, .nan, 3])])
    #expect(series.mean.map(\.x) == [1, 3])
    #expect(LineSeries(label: "a", style: ArmStyle(0), runs: [points([.nan])]).isEmpty)
  }
}
