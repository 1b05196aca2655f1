import Foundation
import Testing

@testable import Shards

@Suite struct ValueGridTests {
  private static let grids: [ValueGrid] = [
    .linear(levels: 80), .linear(levels: 7), .arcsine(levels: 4096), .arcsine(levels: 5),
  ]

  @Test func levelsAreTheProbabilitiesOfTheFormat() {
    #expect(ValueGrid.linear(levels: 80).value(20) == 0.25)
    #expect(ValueGrid.logarithmic.value(16) == Float(exp(-1.0)))
    #expect(ValueGrid.arcsine(levels: 4096).value(2048) == 0.5)
    #expect(
      ValueGrid.arcsine(levels: 4096).value(1365) == Float(pow(sin(Double.pi * 1365 / 8192), 2)))
  }

  @Test(arguments: grids)
  func aValueTellsItsLevel(grid: ValueGrid) {
    let levels =
      switch grid {
      case .linear(let levels), .arcsine(let levels): levels
      case .logarithmic: 0
      }
    for level in 0...levels { #expect(grid.exactLevel(grid.value(level)) == level) }
    #expect(grid.value(0) == 0 && grid.value(levels) == 1)
    #expect(grid.exactLevel(grid.value(1).nextUp) == nil)
  }

  @Test func valuesOffTheGridHaveNoLevel() {
    for grid in Self.grids + [.logarithmic] {
      for value: Float in [-0.1, 1.5, .nan, 0.123_456_7] { #expect(grid.exactLevel(value) == nil) }
    }
    #expect(ValueGrid.logarithmic.exactLevel(0) == nil)
    for level in 0...400 {
      #expect(ValueGrid.logarithmic.exactLevel(ValueGrid.logarithmic.value(level)) == level)
    }
  }

  /// The two neighbours come such that their mean, over evenly spread random numbers, is p.
  @Test(arguments: grids + [.logarithmic])
  func roundingIsRightOnAverage(grid: ValueGrid) {
    let count = 2000
    for p in [0.0013, 0.02, 0.2501, 0.5, 0.77, 0.9993] {
      let levels = (0..<count).map {
        grid.level(of: p, uniform: (Double($0) + 0.5) / Double(count))
      }
      let mean = levels.reduce(0) { $0 + Double(grid.value($1)) } / Double(count)
      #expect(abs(mean - p) < grid.resolution / Double(count) + 1e-7, "\(grid) \(p) \(mean)")
      #expect(Set(levels).count <= 2)
    }
  }

  @Test func endsStayWhereTheyAre() {
    for grid in Self.grids {
      for uniform in [0, 0.5, 0.999] { #expect(grid.level(of: 0, uniform: uniform) == 0) }
    }
    #expect(ValueGrid.logarithmic.level(of: 0, uniform: 0.5) == ValueGrid.mostLevels)
    #expect(ValueGrid.linear(levels: 80).level(of: 1, uniform: 0.999) == 80)
    #expect(ValueGrid.arcsine(levels: 4096).level(of: 1, uniform: 0) == 4096)
  }

  @Test func theWidestStepIsTheResolution() {
    for grid in Self.grids {
      guard case .linear(let levels) = grid else { continue }
      #expect(grid.resolution == 1 / Double(levels))
    }
    let arcsine = ValueGrid.arcsine(levels: 4096)
    let steps = (1...4096).map { Double(arcsine.value($0)) - Double(arcsine.value($0 - 1)) }
    #expect(abs((steps.max() ?? 0) / arcsine.resolution - 1) < 1e-3)
    #expect(abs(ValueGrid.logarithmic.resolution - (1 - exp(-1.0 / 16))) < 1e-15)
  }
}
