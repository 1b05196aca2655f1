import Foundation

/// Points over two logarithmic axes, drawn as an SVG that reads on light and on dark pages.
public struct LogLogChart: Sendable {
  /// A labelled point.
  public struct Point: Sendable, Equatable {
    /// Its coordinates, both above zero.
    package var (x, y): (Double, Double)
    /// The label beside it.
    public var label: String

    /// A point.
    public init(x: Double, y: Double, label: String) {
      self.x = x
      self.y = y
      self.label = label
    }
  }

  /// Points of one kind, in one colour.
  public struct Series: Sendable, Equatable {
    /// The name in the legend.
    public var name: String
    /// The points; those that a logarithm has no place for are left out.
    public var points: [Point]
    /// Whether a line joins them, in order.
    public var isJoined: Bool

    /// A series.
    public init(name: String, points: [Point], isJoined: Bool = true) {
      self.name = name
      self.points = points.filter { $0.x > 0 && $0.y > 0 && $0.x.isFinite && $0.y.isFinite }
      self.isJoined = isJoined
    }
  }

  /// The title above the chart.
  public var title: String
  /// The quantity on the horizontal axis, with its unit.
  public var xTitle: String
  /// The quantity on the vertical axis, with its unit.
  public var yTitle: String
  /// The series, the first the most important; at most eight colours.
  public var series: [Series]

  /// A chart.
  public init(title: String, xTitle: String, yTitle: String, series: [Series]) {
    self.title = title
    self.xTitle = xTitle
    self.yTitle = yTitle
    self.series = series
  }

  private static let size = (width: 760.0, height: 500.0)
  private static let plot = Box(left: 76, top: 56, right: 736, bottom: 436)

  /// The SVG document.
  public var svg: String {
    let points = series.flatMap(\.points)
    let x = LogAxis(points.map(\.x), from: Self.plot.left, to: Self.plot.right)
    let y = LogAxis(points.map(\.y), from: Self.plot.bottom, to: Self.plot.top)
    let (width, height) = (Int(Self.size.width), Int(Self.size.height))
    let head =
      #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(width) \#(height)" "#
      + #"width="\#(width)" height="\#(height)" role="img" aria-label="\#(escape(title))">"#
    let parts =
      [head, "<style>\(ChartStyle.css)</style>"]
      + [#"<rect class="page" width="\#(width)" height="\#(height)" rx="6"/>"#]
      + [text(title, "title", x: Self.plot.left, y: 30)]
      + grid(x, y) + curves(x, y) + legend() + ["</svg>"]
    return parts.joined(separator: "\n") + "\n"
  }

  private func grid(_ x: LogAxis, _ y: LogAxis) -> [String] {
    let plot = Self.plot
    let vertical = x.ticks.flatMap { tick in
      let place = x.place(tick)
      return [
        line("grid", place, plot.top, place, plot.bottom),
        text(Figures.significant(tick), "tick middle", x: place, y: plot.bottom + 18),
      ]
    }
    let horizontal = y.ticks.flatMap { tick in
      let place = y.place(tick)
      return [
        line("grid", plot.left, place, plot.right, place),
        text(Figures.significant(tick), "tick end", x: plot.left - 8, y: place + 4),
      ]
    }
    let middle = ((plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2)
    return vertical + horizontal + [
      text(xTitle, "axis middle", x: middle.0, y: plot.bottom + 44),
      #"<g transform="translate(20 \#(coordinate(middle.1))) rotate(-90)">"#
        + text(yTitle, "axis middle", x: 0, y: 0) + "</g>",
    ]
  }

  private func curves(_ x: LogAxis, _ y: LogAxis) -> [String] {
    let places = series.map { $0.points.map { (x.place($0.x), y.place($0.y)) } }
    var labels = LabelPlaces(
      inside: Self.plot, avoiding: places.flatMap { $0 } + segments(places))
    var parts: [String] = []
    for (number, points) in places.enumerated() where series[number].isJoined && points.count > 1 {
      let list = points.map { "\(coordinate($0.0)),\(coordinate($0.1))" }.joined(separator: " ")
      parts.append(#"<polyline class="line s\#(number % 8)" points="\#(list)"/>"#)
    }
    for (number, points) in places.enumerated() {
      for (place, point) in zip(points, series[number].points) {
        parts.append(marker(number, at: place))
        let label = labels.put(point.label, beside: place)
        parts.append(text(point.label, "label f\(number % 8)", x: label.x, y: label.y))
      }
    }
    return parts
  }

  /// Points along the lines, which labels keep away from too.
  private func segments(_ places: [[(Double, Double)]]) -> [(Double, Double)] {
    zip(series, places).flatMap { series, points in
      zip(points, points.dropFirst()).flatMap { from, to in
        (1..<8).filter { _ in series.isJoined }.map { step in
          let share = Double(step) / 8
          return (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1))
        }
      }
    }
  }

  /// Shapes differ beside colours, for those who cannot tell these apart.
  private func marker(_ number: Int, at place: (Double, Double)) -> String {
    let (x, y) = (coordinate(place.0), coordinate(place.1))
    let style = #"class="mark f\#(number % 8)""#
    let shape: String
    switch number % 5 {
    case 0: return #"<circle \#(style) cx="\#(x)" cy="\#(y)" r="4.5"/>"#
    case 1: shape = "M-4-4H4V4H-4Z"
    case 2: shape = "M0-5.5 5 4H-5Z"
    case 3: shape = "M0-5.5 5.5 0 0 5.5-5.5 0Z"
    default: shape = "M0 5.5 5-4H-5Z"
    }
    return #"<path \#(style) d="\#(shape)" transform="translate(\#(x) \#(y))"/>"#
  }

  private func legend() -> [String] {
    var left = Self.plot.left
    return series.enumerated().flatMap { number, series -> [String] in
      defer { left += 34 + 6.6 * Double(series.name.count) }
      return [
        marker(number, at: (left + 5, 44)),
        text(series.name, "legend", x: left + 16, y: 48),
      ]
    }
  }

  private func line(
    _ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double
  ) -> String {
    #"<line class="\#(style)" x1="\#(coordinate(x1))" y1="\#(coordinate(y1))" "#
      + #"x2="\#(coordinate(x2))" y2="\#(coordinate(y2))"/>"#
  }

  private func text(_ text: String, _ style: String, x: Double, y: Double) -> String {
    #"<text class="\#(style)" x="\#(coordinate(x))" y="\#(coordinate(y))">\#(escape(text))</text>"#
  }

  private func coordinate(_ value: Double) -> String { Figures.decimal(value, places: 1) }

  private func escape(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}
