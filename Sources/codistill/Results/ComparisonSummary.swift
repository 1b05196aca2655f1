import Reports

/// Several runs, measured on the same text. (`compare`)
struct ComparisonSummary: Encodable {
  /// A run and its measurements.
  struct Run: Encodable {
    /// The run's name.
    var name: String
    /// The optimizer steps.
    var steps: Int
    /// The predictions that were trained on.
    var tokens: Int
    /// The seconds of training, and of caching where the run needed a cache.
    var seconds: Double
    /// The held-out NLL, in nats a token.
    var nll: Double
    /// KL(teacher ‖ student) on held-out text, in nats a token.
    var kl: Double?
    /// The standard error of the KL.
    var klStderr: Double?
    /// The share of held-out positions where both rank the same token first.
    var top1Agreement: Double?
    /// How the student continues the prompt.
    var sample: String?
    /// Whether it saw the first run's sequences in the first run's order.
    var sharesOrder: Bool
  }

  /// The runs, in the order of the config.
  var runs: [Run]
  /// The names, the least held-out NLL first.
  var ranking: [String]

  /// The teacher's own held-out NLL.
  var teacherNll: Double?

  /// The runs with their ranking.
  init(runs: [Run], teacherNll: Double?) {
    (self.runs, self.teacherNll) = (runs, teacherNll)
    // A loss that is not a number ranks last.
    ranking = runs.sorted { Self.rank($0.nll) < Self.rank($1.nll) }.map(\.name)
  }

  private static func rank(_ nll: Double) -> Double { nll.isNaN ? .infinity : nll }

  /// The table, and a sample of each student's text.
  var text: String {
    let samples = runs.compactMap { run in run.sample.map { "\n\(run.name): \($0)" } }
    let note =
      runs.allSatisfy(\.sharesOrder)
      ? [] : ["* other data, order or seed than the first run: not to be compared step by step"]
    let teacher = teacherNll.map { ["teacher's own NLL \(Figures.decimal($0))"] } ?? []
    return ([table.text] + note + teacher + samples).joined(separator: "\n")
  }

  /// The runs as a table.
  var table: Table {
    var table = Table([
      .words("run"), .numbers("steps"), .numbers("tokens"), .numbers("time"), .numbers("NLL"),
      .numbers("KL"), .numbers("top-1"),
    ])
    for run in runs {
      table.append([
        run.name + (run.sharesOrder ? "" : " *"), "\(run.steps)", Figures.count(run.tokens),
        Figures.duration(seconds: run.seconds), Figures.decimal(run.nll),
        run.kl.map { Figures.decimal($0) } ?? "", run.top1Agreement.map(Figures.percent) ?? "",
      ])
    }
    return table
  }
}
