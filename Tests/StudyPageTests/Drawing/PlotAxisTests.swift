import Testing

@testable import StudyPage

@Suite struct PlotAxisTests {
  @Test func ticksAreRoundAndInside() {
    let axis = PlotAxis(low: 3.187, high: 3.412, from: 0, to: 100)
    #expect(axis.ticks(5).map { ($0 * 1000).rounded() } == [3200, 3250, 3300, 3350, 3400])
    #expect(PlotAxis.labels(axis.ticks(5)) == ["3.20", "3.25", "3.30", "3.35", "3.40"])
    #expect(PlotAxis(low: 0, high: 2000, from: 0, to: 1).ticks(4) == [0, 500, 1000, 1500, 2000])
  }

  @Test(arguments: [(-0.013, 0.094), (1e-7, 3e-7), (0, 1), (2, 1e9), (99.9, 100.1)])
  func thereAreAboutAsManyTicksAsAskedFor(low: Double, high: Double) {
    let axis = PlotAxis(low: low, high: high, from: 0, to: 1)
    for count in 2...8 {
      let ticks = axis.ticks(count)
      #expect((max(1, count / 2)...2 * count).contains(ticks.count), "\(count): \(ticks)")
      let slack = 1e-5 * (high - low)
      #expect(ticks.allSatisfy { (low - slack...high + slack).contains($0) })
      #expect(Set(PlotAxis.labels(ticks)).count == ticks.count)
    }
  }

  @Test func logarithmicTicks() {
    let axis = PlotAxis(.logarithmic, low: 1, high: 512, from: 0, to: 90)
    #expect(axis.ticks(9) == [1, 2, 5, 10, 20, 50, 100, 200, 500])
    #expect(axis.ticks(6) == [1, 3, 10, 30, 100, 300])
    #expect(axis.ticks(3) == [1, 10, 100])
    #expect(abs(axis.place(512) - 90) < 1e-9 && axis.place(1) == 0)
  }

  @Test func labelsAreShort() {
    #expect(PlotAxis.labels([0, 10_000, 20_000]) == ["0", "10 k", "20 k"])
    #expect(PlotAxis.labels([0, 0.0002, 0.0004]) == ["0", "2·10⁻⁴", "4·10⁻⁴"])
    #expect(PlotAxis.labels([-0.05, 0, 0.05]) == ["−0.05", "0.00", "0.05"])
    #expect(PlotAxis.labels([0]) == ["0"])
  }

  @Test func oneNumberAndNoneAreStillAnAxis() {
    for axis in [
      PlotAxis(low: 3, high: 3, from: 0, to: 1), PlotAxis(low: .nan, high: .nan, from: 0, to: 1),
      PlotAxis(low: 0, high: 0, from: 0, to: 1), PlotAxis(low: 5, high: 1, from: 0, to: 1),
      PlotAxis(.logarithmic, low: 0, high: 1, from: 0, to: 1),
      PlotAxis(.logarithmic, low: 2, high: 2, from: 0, to: 1),
    ] {
      #expect(axis.high > axis.low)
      #expect(axis.place(3).isFinite)
      #expect(!axis.ticks(4).isEmpty)
    }
  }
}
