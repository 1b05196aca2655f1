/// A small figure of one arm among many, all drawn to the same scale: its mean in colour with the
/// band and the single runs, the other arms' means faint behind it.
struct CurvePanel {
  /// The size in pixels that panels are drawn at.
  static let size = (width: 240.0, height: 150.0)
  private static let plot = Box(left: 2, top: 18, right: 238, bottom: 128)
  private static let slices = 118

  /// The axes that the panels share.
  struct Axes {
    /// The steps.
    let x: PlotAxis
    /// What is shown.
    let y: PlotAxis

    /// Axes for all panels of a figure; from a share of the x axis on, everything fits.
    init(_ series: [LineSeries], fitsFrom: Double = 0, includes: [Double] = []) {
      let points = series.flatMap(\.points)
      let x = PlotAxis(
        low: points.map(\.x).min() ?? .nan, high: points.map(\.x).max() ?? .nan,
        from: plot.left, to: plot.right)
      let from = plot.left + fitsFrom * (plot.right - plot.left)
      let late = points.filter { x.place($0.x) >= from - 0.01 }.map(\.y) + includes
      let low = (points.map(\.y) + includes).min() ?? .nan
      self.x = x
      y = PlotAxis(low: low, high: late.max() ?? .nan, from: plot.bottom, to: plot.top)
    }

    /// Where a point lies.
    func place(_ point: CurvePoint) -> CurvePoint {
      CurvePoint(x: x.place(point.x), y: y.place(point.y))
    }
  }

  /// A name for those who do not see it.
  var title: String
  /// What it shows, in a sentence.
  var description: String
  /// The axes.
  var axes: Axes
  /// The curves in colour; the first with band and runs.
  var series: [LineSeries]
  /// The curves from this one on are dashed, to tell apart two of the same arm.
  var dashesFrom = Int.max

  /// The figure; `context` names a definition with all arms' means.
  func canvas(id: String, context: String? = nil) -> Canvas {
    var canvas = Canvas(
      id: id, title: title, description: description, width: Self.size.width,
      height: Self.size.height)
    drawAxes(on: &canvas)
    if let context { canvas.reuse(context) }
    let clip = canvas.clip(Self.plot)
    for (number, series) in series.enumerated() {
      draw(series, isDashed: number >= dashesFrom, clip, on: &canvas)
    }
    return canvas
  }

  /// All arms' means, to be defined once on a page and reused behind every panel.
  static func context(id: String, _ series: [LineSeries], _ axes: Axes) -> String {
    let paths = series.filter { $0.mean.count > 1 }.map { series in
      let places = CurveSampling.extremes(series.mean.map(axes.place), slices: slices / 2)
      return #"<path class="others" d="\#(Canvas.data(places))"/>"#
    }
    let box = Self.plot
    let clip =
      #"<clipPath id="\#(id)-clip"><rect x="\#(Int(box.left))" y="\#(Int(box.top))" "#
      + #"width="\#(Int(box.right - box.left))" height="\#(Int(box.bottom - box.top))"/></clipPath>"#
    return #"<svg xmlns="http://www.w3.org/2000/svg" class="fig defs" aria-hidden="true" "#
      + ##"width="0" height="0"><defs>\##(clip)<g id="\##(id)" clip-path="url(#\##(id)-clip)">"##
      + paths.joined() + "</g></defs></svg>"
  }

  private func drawAxes(on canvas: inout Canvas) {
    let plot = Self.plot
    let ticks = axes.y.ticks(3)
    for (tick, label) in zip(ticks, PlotAxis.labels(ticks)) {
      let y = axes.y.place(tick)
      canvas.line("grid", plot.left, y, plot.right, y)
      canvas.text(label, "faint", x: plot.left, y: y - 3)
    }
    canvas.line("axis", plot.left, plot.bottom, plot.right, plot.bottom)
    let ends = [axes.x.low, axes.x.high]
    for (index, label) in PlotAxis.labels(ends).enumerated() {
      let isLast = index == 1
      canvas.text(
        isLast ? "step " + label : label, isLast ? "faint end" : "faint",
        x: isLast ? plot.right : plot.left, y: plot.bottom + 15)
    }
  }

  private func draw(
    _ series: LineSeries, isDashed: Bool, _ clip: String, on canvas: inout Canvas
  ) {
    let style = "s" + series.style.line.dropFirst().prefix { $0 != " " }
    let place = axes.place
    canvas.area(
      series.style.area,
      upper: CurveSampling.edge(series.upper.map(place), slices: Self.slices, isUpper: false),
      lower: CurveSampling.edge(series.lower.map(place), slices: Self.slices, isUpper: true),
      clip: clip)
    for run in series.runs where series.runs.count > 1 {
      canvas.path(
        "run \(style)", CurveSampling.extremes(run.map(place), slices: Self.slices), clip: clip)
    }
    canvas.path(
      "mean \(style)" + (isDashed ? " d1" : ""),
      CurveSampling.extremes(series.mean.map(place), slices: Self.slices), clip: clip)
  }
}
