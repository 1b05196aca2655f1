import Foundation
import FoundationXML
import Testing

@testable import Reports

@Suite struct LogLogChartTests {
  private let chart = LogLogChart(
    title: "Size & <fidelity>", xTitle: "bytes", yTitle: "error",
    series: [
      .init(
        name: "ours",
        points: [
          .init(x: 10, y: 0.2, label: "τ = 0.1"), .init(x: 20, y: 0.1, label: "τ = 0.05"),
          .init(x: 0, y: 0.1, label: "nowhere"),
        ]),
      .init(name: "theirs", points: [.init(x: 50, y: 0.1, label: "50 draws")], isJoined: false),
    ])

  @Test func itIsXMLWithEveryLabel() throws {
    let elements = try Elements(chart.svg)
    for text in ["Size & <fidelity>", "bytes", "error", "ours", "theirs", "τ = 0.1", "50 draws"] {
      #expect(elements.texts.contains(text), "\(text)")
    }
    #expect(!elements.texts.contains("nowhere"))
    #expect(elements.names.filter { $0 == "polyline" }.count == 1)
  }

  @Test func itKnowsDarkPages() {
    #expect(chart.svg.contains("@media (prefers-color-scheme:dark)"))
  }

  @Test func axesAreLogarithmic() {
    let axis = LogAxis([1, 100], from: 0, to: 100)
    #expect(abs(axis.place(10) - 50) < 1e-9)
    #expect(axis.place(1) > 0 && axis.place(100) < 100)
    #expect(axis.ticks == [1, 2, 5, 10, 20, 50, 100])
    #expect(LogAxis([1, 1e6], from: 0, to: 1).ticks.count == 7)
    // One number, and none, are no reason to divide by zero.
    #expect(LogAxis([3], from: 0, to: 100).place(3).isFinite)
    #expect(LogAxis([], from: 0, to: 100).place(3).isFinite)
  }

  @Test func labelsKeepApart() {
    let inside = Box(left: 0, top: 0, right: 500, bottom: 500)
    let points = [(100.0, 100.0), (104.0, 102.0), (110.0, 99.0)]
    var places = LabelPlaces(inside: inside, avoiding: points)
    let boxes = points.map { point in
      let place = places.put("label", beside: point)
      return Box(left: place.x, top: place.y - 9, right: place.x + 30, bottom: place.y + 2)
    }
    for first in boxes.indices {
      for second in boxes.indices where second > first {
        #expect(boxes[first].overlap(boxes[second]) == 0)
      }
    }
  }

  @Test func anEmptyChartIsStillADrawing() throws {
    let empty = LogLogChart(title: "", xTitle: "x", yTitle: "y", series: [])
    #expect(try Elements(empty.svg).names.contains("svg"))
  }
}

/// The elements and texts of an XML document.
private final class Elements: NSObject, XMLParserDelegate {
  private(set) var names: [String] = []
  private(set) var texts: [String] = []
  private var text = ""

  init(_ document: String) throws {
    super.init()
    let parser = XMLParser(data: Data(document.utf8))
    parser.delegate = self
    try #require(parser.parse())
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    names.append(name)
    text = ""
  }

  func parser(_ parser: XMLParser, foundCharacters characters: String) { text += characters }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    texts.append(text)
    text = ""
  }
}
