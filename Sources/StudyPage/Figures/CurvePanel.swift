import Reports

/// A small figure of one arm among many, all drawn to the same scale: its mean in colour with the
/// band and the single runs, the other arms' means faint behind it.
struct CurvePanel {
  /// The size in pixels that panels are drawn at.
  static let size = (width: 240.0, height: 150.0)
  private static let slices = 90

  /// The axes that the panels share.
  struct Axes {
    /// The steps.
    let x: PlotAxis
    /// The axis of the quantity shown.
    let y: PlotAxis
    /// The ticks of that axis, with their labels.
    let ticks: [(value: Double, label: String)]
    /// The area of the curves.
    let plot: Box

    /// Axes for all panels of a figure; from a share of the x axis on, everything fits.
    init(_ series: [LineSeries], fitsFrom: Double = 0, includes: [Double] = []) {
      let points = series.flatMap(\.points)
      let last = points.map(\.x).max() ?? .nan
      let late = points.filter { $0.x >= fitsFrom * last }.map(\.y) + includes
      let (low, high) = ((points.map(\.y) + includes).min() ?? .nan, late.max() ?? .nan)
      let (top, bottom) = (6.0, 128.0)
      y = PlotAxis(low: low, high: high + 0.03 * (high - low), from: bottom, to: top)
      let values = y.ticks(3)
      ticks = Array(zip(values, PlotAxis.labels(values)))
      let gutter = (ticks.map { TextWidth.of($0.label) }.max() ?? 0) + 8
      plot = Box(left: gutter, top: top, right: size.width - 2, bottom: bottom)
      x = PlotAxis(low: 0, high: last, from: plot.left, to: plot.right)
    }

    /// The position of a point.
    func place(_ point: CurvePoint) -> CurvePoint {
      CurvePoint(x: x.place(point.x), y: y.place(point.y))
    }
  }

  /// A name for those who do not see it.
  var title: String
  /// The content in a sentence, for readers who cannot see it.
  var description: String
  /// The axes.
  var axes: Axes
  /// The curves in colour; the first with band and runs.
  var series: [LineSeries]
  /// Whether the single runs are drawn.
  var showsRuns = true
  /// The curves from this one on are dashed, to tell apart two of the same arm.
  var dashesFrom = Int.max

  /// The figure; `context` names a definition with all arms' means.
  func canvas(id: String, context: String? = nil) -> Canvas {
    var canvas = Canvas(
      id: id, title: title, description: description, width: Self.size.width,
      height: Self.size.height)
    drawAxes(on: &canvas)
    if let context { canvas.reuse(context) }
    let clip = canvas.clip(axes.plot)
    for (number, series) in series.enumerated() {
      draw(series, isDashed: number >= dashesFrom, clip, on: &canvas)
    }
    return canvas
  }

  /// All arms' means, to be defined once on a page and reused behind every panel.
  static func context(id: String, _ series: [LineSeries], _ axes: Axes) -> String {
    let paths = series.filter { $0.mean.count > 1 }.map { series in
      let places = course(series, axes)
      return #"<path class="others" d="\#(Canvas.data(places))"/>"#
    }
    let box = axes.plot
    let clip =
      #"<clipPath id="\#(id)-clip"><rect x="\#(Int(box.left))" y="\#(Int(box.top))" "#
      + #"width="\#(Int(box.right - box.left))" height="\#(Int(box.bottom - box.top))"/></clipPath>"#
    return #"<svg xmlns="http://www.w3.org/2000/svg" class="fig defs" aria-hidden="true" "#
      + ##"width="0" height="0"><defs>\##(clip)<g id="\##(id)" clip-path="url(#\##(id)-clip)">"##
      + paths.joined() + "</g></defs></svg>"
  }

  private func drawAxes(on canvas: inout Canvas) {
    let plot = axes.plot
    for tick in axes.ticks {
      let y = axes.y.place(tick.value)
      canvas.line("grid", plot.left, y, plot.right, y)
      canvas.text(tick.label, "faint end", x: plot.left - 5, y: y + 4)
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
    let style = series.style.stroke
    canvas.band(series, slices: Self.slices, clip: clip, place: axes.place)
    for run in series.runs where showsRuns && series.runs.count > 1 {
      canvas.path(
        "run \(style)", CurveSampling.extremes(run.map(axes.place), slices: Self.slices), clip: clip
      )
    }
    let course = Self.course(series, axes)
    // Among its own runs the mean would be lost without an edge.
    if showsRuns, !series.runs.isEmpty { canvas.path("under", course, clip: clip) }
    canvas.path("mean \(style)" + (isDashed ? " d1" : ""), course, clip: clip)
  }

  /// The mean, smoothed where single runs show the noise.
  private static func course(_ series: LineSeries, _ axes: Axes) -> [CurvePoint] {
    let mean = series.mean.map(axes.place)
    return series.runs.isEmpty
      ? CurveSampling.extremes(mean, slices: slices)
      : CurveSampling.means(mean, slices: slices / 2)
  }
}
