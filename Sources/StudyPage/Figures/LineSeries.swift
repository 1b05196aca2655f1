/// The curve of one arm in a figure: its mean, the spread of its seeds, and single runs.
struct LineSeries {
  /// The arm.
  var label: String
  /// The style of the line.
  var style: ArmStyle
  /// The mean over the seeds.
  var mean: [CurvePoint]
  /// The greatest of the seeds at each x; empty without a band.
  var upper: [CurvePoint] = []
  /// The least of the seeds.
  var lower: [CurvePoint] = []
  /// Every single run, where they are not all the same.
  var runs: [[CurvePoint]] = []
  /// The number of runs in the mean.
  var runCount = 1

  /// A curve without a band.
  init(label: String, style: ArmStyle, mean: [CurvePoint]) {
    self.label = label
    self.style = style
    self.mean = mean
  }

  /// The curve of some runs of one arm; the mean stands where every one of them has a point.
  init(label: String, style: ArmStyle, runs: [[CurvePoint]]) {
    self.label = label
    self.style = style
    self.runs = runs.map { Self.points($0) }.filter { !$0.isEmpty }
    let columns = Self.columns(self.runs)
    mean = columns.map { column in
      CurvePoint(x: column.x, y: column.values.reduce(0, +) / Double(column.values.count))
    }
    runCount = max(self.runs.count, 1)
    // Runs that are all the same, as the weights of a schedule are, hide behind their mean.
    let longest = self.runs.map(\.count).max()
    if columns.count == longest, columns.allSatisfy({ $0.values.min() == $0.values.max() }) {
      self.runs = []
    }
    guard self.runs.count > 1 else { return }
    upper = columns.map { CurvePoint(x: $0.x, y: $0.values.max() ?? 0) }
    lower = columns.map { CurvePoint(x: $0.x, y: $0.values.min() ?? 0) }
  }

  /// Whether there is nothing to draw.
  var isEmpty: Bool { mean.isEmpty && runs.isEmpty }

  /// Everything that is drawn.
  var points: [CurvePoint] { mean + upper + lower + runs.flatMap { $0 } }

  /// The points a picture has room for: numbers only, in order.
  private static func points(_ points: [CurvePoint]) -> [CurvePoint] {
    points.filter(\.y.isFinite).sorted { $0.x < $1.x }
  }

  private static func columns(_ runs: [[CurvePoint]]) -> [(x: Double, values: [Double])] {
    var values: [Double: [Double]] = [:]
    for point in runs.joined() { values[point.x, default: []].append(point.y) }
    return values.filter { $0.value.count == runs.count }.sorted { $0.key < $1.key }
      .map { (x: $0.key, values: $0.value) }
  }
}

extension Canvas {
  /// Fills the range of an arm's seeds, each point put in its place on the figure.
  mutating func band(
    _ series: LineSeries, slices: Int, clip: String, place: (CurvePoint) -> CurvePoint
  ) {
    area(
      series.style.area,
      upper: CurveSampling.edge(series.upper.map(place), slices: slices, isUpper: false),
      lower: CurveSampling.edge(series.lower.map(place), slices: slices, isUpper: true),
      clip: clip)
  }
}
