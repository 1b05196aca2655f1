import Reports

/// Numbers with their intervals, one below the other over a common axis.
struct DotPlot {
  /// A number.
  struct Row {
    /// The label on the left.
    var label: String
    /// The style of the dot.
    var style: ArmStyle
    /// The number.
    var value: Double
    /// Half the width of its interval, if it has one.
    var halfWidth: Double?
    /// The single measurements, drawn as small strokes.
    var singles: [Double] = []
    /// The note on the right: the number as text.
    var note: String
  }

  /// A vertical line that the rows are to be held against.
  struct Reference {
    /// The label above the mark.
    var label: String
    /// The number that it marks.
    var value: Double
  }

  /// A name for those who do not see it.
  var title: String
  /// The content in a sentence or two, for readers who cannot see it.
  var description: String
  /// The quantity on the axis, with its unit.
  var axisTitle: String
  /// The rows, from the top.
  var rows: [Row]
  /// A line to hold them against, which the axis then includes.
  var reference: Reference?
  /// Whether there is room above for the label of a line, even without one.
  var hasHeadroom = false
  /// The numbers that the axis shows at least.
  var shown: ClosedRange<Double>?

  /// The figure at a width in pixels; its labels stand beside the rows or, for want of room, above.
  func canvas(
    id: String, width: Double, labelsAreAbove: Bool = false, heading: Bool = false
  ) -> Canvas {
    let top = (heading ? 34.0 : 4) + (reference == nil && !hasHeadroom ? 0 : 16)
    let layout = Layout(self, width: width, top: top, labelsAreAbove: labelsAreAbove)
    var canvas = Canvas(
      id: id, title: title, description: description, width: width, height: layout.height)
    if heading { canvas.text(title, "big", x: 2, y: 16) }
    let axis = axis(layout)
    drawGrid(axis, layout, on: &canvas)
    for (number, row) in rows.enumerated() { draw(row, number, axis, layout, on: &canvas) }
    return canvas
  }

  private func axis(_ layout: Layout) -> PlotAxis {
    let ends = rows.flatMap { row -> [Double] in
      let half = row.halfWidth ?? 0
      return [row.value - half, row.value + half] + row.singles
    }
    let values =
      (ends + [reference?.value, shown?.lowerBound, shown?.upperBound].compactMap { $0 })
      .filter(\.isFinite)
    let (low, high) = (values.min() ?? .nan, values.max() ?? .nan)
    let room = 0.03 * (high - low)
    return PlotAxis(
      low: low - room, high: high + room, from: layout.plot.left, to: layout.plot.right)
  }

  private func drawGrid(_ axis: PlotAxis, _ layout: Layout, on canvas: inout Canvas) {
    let plot = layout.plot
    let ticks = axis.ticks(max(3, Int((plot.right - plot.left) / 52)))
    for (tick, label) in zip(ticks, PlotAxis.labels(ticks)) {
      let x = axis.place(tick)
      canvas.line("grid", x, plot.top, x, plot.bottom)
      canvas.text(label, "faint middle", x: x, y: plot.bottom + 16)
    }
    canvas.text(axisTitle, "faint middle", x: (plot.left + plot.right) / 2, y: plot.bottom + 34)
    guard let reference else { return }
    let x = axis.place(reference.value)
    canvas.line("axis", x, plot.top - 4, x, plot.bottom)
    let half = TextWidth.of(reference.label) / 2
    let middle = min(max(x, half + 2), layout.width - half - 2)
    canvas.text(reference.label, "faint middle", x: middle, y: plot.top - 8)
  }

  private func draw(
    _ row: Row, _ number: Int, _ axis: PlotAxis, _ layout: Layout, on canvas: inout Canvas
  ) {
    let y = layout.line(number)
    let base = layout.labelsAreAbove ? y - 10 : y + 4
    canvas.text(
      TextWidth.fit(row.label, width: layout.labelWidth),
      layout.labelsAreAbove ? "halo" : "end", x: layout.labelPlace, y: base)
    canvas.text(row.note, "halo end", x: layout.width - 2, y: base)
    guard row.value.isFinite else { return }
    canvas.line("grid", layout.plot.left, y, layout.plot.right, y)
    if let half = row.halfWidth, half.isFinite {
      canvas.line(
        "mean \(row.style.stroke)", axis.place(row.value - half), y, axis.place(row.value + half), y
      )
    }
    for single in row.singles where single.isFinite {
      let x = axis.place(single)
      canvas.line("tick \(row.style.stroke)", x, y - 5, x, y + 5)
    }
    canvas.mark(row.style, x: axis.place(row.value), y: y)
  }

  /// The positions of the figure's parts.
  private struct Layout {
    let width: Double
    let labelsAreAbove: Bool
    let labelWidth: Double
    let plot: Box
    private let rowHeight: Double

    init(_ chart: DotPlot, width: Double, top: Double, labelsAreAbove: Bool) {
      let notes = chart.rows.map { TextWidth.of($0.note) }.max() ?? 0
      let labels = chart.rows.map { TextWidth.of($0.label) }.max() ?? 0
      let side = min(labels, 0.38 * width)
      labelWidth = labelsAreAbove ? width - notes - 12 : side
      rowHeight = labelsAreAbove ? 34 : width < 400 ? 18 : 22
      plot = Box(
        left: labelsAreAbove ? 10 : side + 12, top: top,
        right: labelsAreAbove ? width - 14 : width - notes - 14,
        bottom: top + rowHeight * Double(chart.rows.count) + 2)
      self.labelsAreAbove = labelsAreAbove
      self.width = width
    }

    var height: Double { plot.bottom + 42 }
    var labelPlace: Double { labelsAreAbove ? 2 : labelWidth + 2 }

    func line(_ number: Int) -> Double {
      plot.top + rowHeight * Double(number) + (labelsAreAbove ? 24 : rowHeight / 2)
    }
  }
}
