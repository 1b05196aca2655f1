import Foundation
import Testing

@testable import StudyPage

@Suite struct LinePlotTests {
  private func plot(_ ends: [Double]) -> LinePlot {
    let series = ends.enumerated().map { number, end in
      LineSeries(
        label: "arm \(number)", style: ArmStyle(number),
        mean: stride(from: 0, through: end, by: 10).map { CurvePoint(x: $0, y: 9 - $0 / 20) })
    }
    return LinePlot(
      title: "t", description: "d", xTitle: "step", yTitle: "loss", series: series, fitsFrom: 0.5)
  }

  private func texts(_ plot: LinePlot, width: Double) throws -> [String] {
    try XMLElements(plot.canvas(id: "p", width: width).inline()).texts["text"] ?? []
  }

  @Test func labelsStandWhereThereIsRoom() throws {
    #expect(try texts(plot([100, 100]), width: 720).contains("arm 1"))
    #expect(try !texts(plot([100, 100]), width: 340).contains("arm 1"))
  }

  @Test func whatRisesHighEarlyIsCutOff() throws {
    // From the half on, 6.5 is the greatest; the ticks show how far the axis goes.
    let ticks = try texts(plot([100, 100]), width: 720).compactMap { Double($0) }.filter { $0 < 10 }
    #expect((ticks.max() ?? 9) <= 6.6)
  }

  @Test func anArmThatEndsEarlyIsSeenToTheEnd() throws {
    let plot = plot([100, 20])
    let ticks = try texts(plot, width: 720).compactMap { Double($0) }.filter { $0 < 10 }
    #expect((ticks.max() ?? 0) >= 7.5)
    // A mark where it ends, beside those of the two labels, and a dotted way to its label.
    let paths = try XMLElements(plot.canvas(id: "p", width: 720).inline()).all("path")
    #expect(paths.filter { $0.attributes["transform"] != nil }.count == 3)
    #expect(paths.filter { $0.attributes["class"] == "leader s1 d2" }.count == 1)
  }
}
