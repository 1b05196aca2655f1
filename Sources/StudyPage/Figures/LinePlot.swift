import Reports

/// Curves of several arms over one pair of axes, each named at its end.
struct LinePlot {
  /// A name for those who do not see it.
  var title: String
  /// The content in a sentence or two, for readers who cannot see it.
  var description: String
  /// The quantity on the horizontal axis, with its unit.
  var xTitle: String
  /// The quantity on the vertical axis, with its unit.
  var yTitle: String
  /// The spacing of the horizontal axis.
  var xKind: PlotAxis.Kind = .linear
  /// The curves; those named first are drawn on top.
  var series: [LineSeries]
  /// The share of the horizontal axis from which on all curves must fit: what rises higher before
  /// is cut off, so that the differences at the end can be seen.
  var fitsFrom = 0.0
  /// Whether what falls lower before may be cut off as well.
  var cutsBelow = false

  /// The figure at a width in pixels; below 560 only marks name the ends, for a legend to explain.
  func canvas(id: String, width: Double, heading: Bool = false) -> Canvas {
    let drawn = series.filter { !$0.isEmpty }
    let hasLabels = width >= 560
    let longest = min(drawn.map { TextWidth.of($0.label) }.max() ?? 0, Self.labelLimit)
    let top = heading ? 56.0 : 26
    let height = (hasLabels ? max(0.22 * width + 190, Double(drawn.count) * 15 + 60) : 250) + top
    let plot = Box(
      left: 46, top: top, right: width - (hasLabels ? longest + 46 : 36), bottom: height - 44)
    var canvas = Canvas(
      id: id, title: title, description: description, width: width, height: height)
    if heading { canvas.text(title, "big", x: 2, y: 16) }
    let axes = axes(drawn, plot)
    draw(axes, plot, on: &canvas)
    let clip = canvas.clip(plot)
    for series in drawn.reversed() { draw(series, axes, clip, plot, on: &canvas) }
    drawEnds(drawn, axes, plot, hasLabels: hasLabels, on: &canvas)
    return canvas
  }

  private static let labelLimit = 210.0

  private typealias Axes = (x: PlotAxis, y: PlotAxis)

  private func axes(_ drawn: [LineSeries], _ plot: Box) -> Axes {
    let points = drawn.flatMap(\.points)
    let x = PlotAxis(
      xKind, low: xKind == .linear ? 0 : points.map(\.x).min() ?? .nan,
      high: points.map(\.x).max() ?? .nan,
      from: plot.left, to: plot.right)
    let from = plot.left + fitsFrom * (plot.right - plot.left)
    // Where an arm ends must be seen, however early that is.
    let late =
      points.filter { x.place($0.x) >= from - 0.01 }.map(\.y) + drawn.compactMap { $0.mean.last?.y }
    let low = (cutsBelow ? late : points.map(\.y)).min() ?? .nan
    let high = late.max() ?? .nan
    let room = 0.03 * (high - low)
    return (
      x, PlotAxis(low: low - room, high: high + room, from: plot.bottom, to: plot.top)
    )
  }

  private func draw(_ axes: Axes, _ plot: Box, on canvas: inout Canvas) {
    let rows = axes.y.ticks(6)
    for (tick, label) in zip(rows, PlotAxis.labels(rows)) {
      let y = axes.y.place(tick)
      canvas.line(tick == 0 ? "axis" : "grid", plot.left, y, plot.right, y)
      canvas.text(label, "faint end", x: plot.left - 7, y: y + 4)
    }
    let columns = axes.x.ticks(Int((plot.right - plot.left) / 75))
    for (tick, label) in zip(columns, PlotAxis.labels(columns)) {
      let x = axes.x.place(tick)
      canvas.line("axis", x, plot.bottom, x, plot.bottom + 4)
      canvas.text(label, "faint middle", x: x, y: plot.bottom + 18)
    }
    canvas.line("axis", plot.left, plot.bottom, plot.right, plot.bottom)
    canvas.text(
      xTitle, "faint middle", x: (plot.left + plot.right) / 2, y: plot.bottom + 36)
    canvas.text(yTitle, "faint", x: 2, y: plot.top - 12)
  }

  private func draw(
    _ series: LineSeries, _ axes: Axes, _ clip: String, _ plot: Box, on canvas: inout Canvas
  ) {
    let slices = min(Int((plot.right - plot.left) / 2), 240)
    let place = { (point: CurvePoint) in
      CurvePoint(x: axes.x.place(point.x), y: axes.y.place(point.y))
    }
    canvas.band(series, slices: slices, clip: clip, place: place)
    canvas.path(
      "mean line \(series.style.line)",
      CurveSampling.extremes(series.mean.map(place), slices: slices), clip: clip)
  }

  private func drawEnds(
    _ drawn: [LineSeries], _ axes: Axes, _ plot: Box, hasLabels: Bool, on canvas: inout Canvas
  ) {
    let ended = drawn.compactMap { series in series.mean.last.map { (series, $0) } }
    let ends = ended.map { _, end in
      let y = min(max(axes.y.place(end.y), plot.top), plot.bottom)
      return CurvePoint(x: axes.x.place(end.x), y: y)
    }
    let places = LabelColumn.places(
      ends.map(\.y), gap: hasLabels ? 15 : 12.5, from: plot.top + 4, to: plot.bottom - 4)
    for (number, end) in ends.enumerated() {
      let series = ended[number].0
      let label = CurvePoint(x: plot.right + 26, y: places[number])
      let isEarly = end.x < plot.right - 8
      canvas.path(
        "leader \(series.style.stroke)" + (isEarly ? " d2" : ""),
        [end, CurvePoint(x: max(end.x, plot.right + 4), y: end.y), label])
      if isEarly { canvas.mark(series.style, x: end.x, y: end.y) }
      canvas.mark(series.style, x: label.x + 4, y: label.y)
      guard hasLabels else { continue }
      canvas.text(
        TextWidth.fit(series.label, width: Self.labelLimit), x: label.x + 14, y: label.y + 4)
    }
  }
}

/// Labels below each other in a column, each as near to its place as the others allow.
enum LabelColumn {
  /// The labels' places, in the order of the wishes.
  ///
  /// Among all places that keep the order and the gap, those with the least sum of squared ways
  /// (isotonic regression by pooling adjacent violators).
  static func places(_ wishes: [Double], gap: Double, from top: Double, to bottom: Double)
    -> [Double]
  {
    guard wishes.count > 1 else { return wishes.map { min(max($0, top), bottom) } }
    let gap = min(gap, (bottom - top) / Double(wishes.count - 1))
    let order = wishes.indices.sorted { (wishes[$0], $0) < (wishes[$1], $1) }
    let loosened = order.enumerated().map { wishes[$1] - Double($0) * gap }
    let last = bottom - Double(wishes.count - 1) * gap
    var places = wishes
    for (rank, place) in nondecreasing(loosened).enumerated() {
      places[order[rank]] = min(max(place, top), last) + Double(rank) * gap
    }
    return places
  }

  private static func nondecreasing(_ values: [Double]) -> [Double] {
    var blocks: [(sum: Double, count: Int)] = []
    for value in values {
      blocks.append((value, 1))
      while blocks.count > 1, mean(blocks[blocks.count - 2]) > mean(blocks[blocks.count - 1]) {
        let last = blocks.removeLast()
        blocks[blocks.count - 1].sum += last.sum
        blocks[blocks.count - 1].count += last.count
      }
    }
    return blocks.flatMap { Array(repeating: mean($0), count: $0.count) }
  }

  private static func mean(_ block: (sum: Double, count: Int)) -> Double {
    block.sum / Double(block.count)
  }
}
