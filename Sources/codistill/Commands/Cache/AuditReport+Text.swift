import Reports
import Shards

extension AuditReport {
  /// The findings for people: a table a temperature, what the columns mean, and the warnings.
  func text(of cache: String) -> String {
    let temperatures = Set(rows.map(\.temperature)).sorted()
    let tables = temperatures.map { temperature in
      "at T = \(short(temperature))\n"
        + table(rows.filter { $0.temperature == temperature }).text
    }
    return ([heading(cache)] + tables + [legend] + warnings.map { "warning: \($0)" })
      .joined(separator: "\n\n")
  }

  private func heading(_ cache: String) -> String {
    let source = reference == "teacher" ? "its teacher" : "a dense cache"
    return "\(cache): \(Figures.count(sampledTokens)) of \(Figures.count(tokens)) predictions"
      + " compared with \(source)"
  }

  private var legend: String {
    """
    bytes: a token, everything included; ~ estimated from the sample. error: RMS of ‖t − p‖.
    angle: of the output layer's gradient over \(Figures.count(batchTokens)) predictions, \
    for a student that knows token frequencies alone.
    KL bias: of KL to that student, in nats, with its standard error over sequences. cut: nats cut off. ECE: of the top token.
    bucket: the tail as one entry, spread as the student's. renormalized: no tail.
    """
  }

  private func table(_ rows: [Row]) -> Table {
    var table = Table([
      .words("setting"), .numbers("bytes"), .numbers("entries"), .numbers("error"),
      .numbers("angle"), .numbers("KL bias"), .numbers("cut"), .numbers("mass kept"),
      .numbers("Σt"), .numbers("ECE"),
    ])
    for row in rows { table.append(cells(row)) }
    return table
  }

  private func cells(_ row: Row) -> [String] {
    let bytes = row.bytesPerToken.map {
      (row.origin == .cache ? "" : "~") + Figures.decimal($0, places: 1)
    }
    let bias =
      Figures.decimal(row.figures.klBias, places: 3)
      + (row.figures.klBiasStderr.map { " ± " + Figures.decimal($0, places: 3) } ?? "")
    return [
      label(row), bytes ?? "", Figures.decimal(row.figures.entriesPerToken, places: 1),
      Figures.decimal(row.figures.rmsError),
      Figures.decimal(row.figures.gradientAngle, places: 1) + "°", bias,
      row.figures.truncationKl.map { Figures.decimal($0) } ?? "",
      Figures.percent(row.figures.massKept),
      Figures.decimal(row.figures.meanMass), Figures.percent(row.figures.calibrationError),
    ]
  }

  private func label(_ row: Row) -> String {
    guard row.origin == .cache, let captured = row.codec?.temperature else { return row.name }
    let bent = row.reading == .softened ? ", captured at T = \(short(captured))" : ""
    return "this cache: \(row.name)\(bent)"
  }

  private func short(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }

  /// The curve of size against error at the temperature of the cache.
  var chart: LogLogChart {
    let own = rows.first?.codec?.temperature ?? rows.first?.temperature ?? 1
    let shown = rows.filter { $0.temperature == own && $0.bytesPerToken != nil }
    func series(_ name: String, joined: Bool = true, _ isIn: (Row) -> Bool) -> LogLogChart.Series {
      let points = shown.filter(isIn).map { row in
        LogLogChart.Point(
          x: row.bytesPerToken ?? 0, y: row.figures.rmsError, label: pointLabel(row))
      }
      return LogLogChart.Series(
        name: name, points: points.sorted { $0.x < $1.x }, isJoined: joined)
    }
    let all = [
      series("threshold") { $0.codec?.name == "threshold" && $0.origin == .captured },
      series("draws") { $0.codec?.name == "sample" && $0.origin == .captured },
      series("top-k, bucket") { $0.reading == .bucket && $0.origin == .captured },
      series("top-k, renormalized") { $0.reading == .renormalized && $0.origin == .captured },
      series("this cache", joined: false) { $0.origin == .cache },
    ]
    return LogLogChart(
      title: "Size and fidelity, T = \(short(own)), \(Figures.count(sampledTokens)) predictions",
      xTitle: "bytes a token, everything included", yTitle: "RMS error ‖t − p‖",
      series: all.filter { !$0.points.isEmpty })
  }

  private func pointLabel(_ row: Row) -> String {
    guard row.codec?.name == "topk", let parameter = row.codec?.parameter else { return row.name }
    return "top \(Int(parameter))"
  }
}

extension AuditReport.Row {
  /// The setting in a few words.
  fileprivate var name: String {
    guard let codec, let parameter = codec.parameter else { return "hard labels" }
    let number = parameter == parameter.rounded() ? "\(Int(parameter))" : "\(parameter)"
    switch codec.name {
    case "threshold": return "τ = \(parameter)"
    case "topk": return "top \(number), \(reading.rawValue)"
    default: return "\(number) draws"
    }
  }
}
