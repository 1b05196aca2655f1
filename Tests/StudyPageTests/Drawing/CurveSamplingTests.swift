import Testing

@testable import StudyPage

@Suite struct CurveSamplingTests {
  private let points = (0..<5000).map { step in
    CurvePoint(x: Double(step), y: Double((step * 7919) % 1009))
  }

  @Test func extremesAreKept() {
    var points = points
    points[1234].y = 5000
    points[4321].y = -5000
    let few = CurveSampling.extremes(points, slices: 100)
    #expect(few.count <= 202)
    #expect(few.contains(points[1234]) && few.contains(points[4321]))
    #expect(few.first == points.first && few.last == points.last)
    #expect(few.map(\.x) == few.map(\.x).sorted())
  }

  @Test func everySliceKeepsItsOwnExtremes() {
    let few = CurveSampling.extremes(points, slices: 50)
    for start in stride(from: 0, to: 4900, by: 100) {
      // The slices are not quite a hundred points wide; those of the inside surely are in them.
      let slice = points[start..<start + 100]
      let kept = few.filter { $0.x >= Double(start) - 100 && $0.x <= Double(start) + 200 }
      #expect((kept.map(\.y).max() ?? 0) >= (slice.map(\.y).max() ?? 0))
      #expect((kept.map(\.y).min() ?? 0) <= (slice.map(\.y).min() ?? 0))
    }
  }

  @Test func aShortCurveStaysAsItIs() {
    let short = Array(points.prefix(100))
    #expect(CurveSampling.extremes(short, slices: 60) == short)
    #expect(CurveSampling.edge(short, slices: 100, isUpper: true) == short)
    #expect(CurveSampling.means(short, slices: 60) == short)
    #expect(CurveSampling.extremes([], slices: 10).isEmpty)
  }

  @Test func edgesHoldTheCurve() {
    let upper = CurveSampling.edge(points, slices: 40, isUpper: true)
    let lower = CurveSampling.edge(points, slices: 40, isUpper: false)
    #expect(upper.count <= 42 && lower.count <= 42)
    #expect(upper.map(\.y).max() == 1008 && lower.map(\.y).min() == 0)
  }

  @Test func meansFollowTheCourse() {
    let line = (0..<1000).map { CurvePoint(x: Double($0), y: Double($0) + ($0 % 2 == 0 ? 9 : -9)) }
    let means = CurveSampling.means(line, slices: 20)
    #expect(means.count == 20)
    #expect(means.allSatisfy { abs($0.y - $0.x) < 1 })
  }
}
