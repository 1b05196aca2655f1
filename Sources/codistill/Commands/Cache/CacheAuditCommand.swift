import ArgumentParser
import Base
import Foundation
import Measuring
import Models
import Reports
import Shards
import Text
import Training

/// `codistill cache audit`.
struct CacheAuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Tell what a cache kept and lost of its teacher, and what other settings would have.",
    discussion: """
      The teacher runs again over some of the cache's own sequences (or a dense cache of them is \
      read), and every codec setting is captured from its distributions and measured: bytes a \
      token, distance, angle of the gradient, KL lost, calibration and mass, at each temperature.

      Example:
        codistill cache audit caches/bible --svg audit.svg
        codistill cache audit caches/bible --teacher teacher.gguf --positions 2000 --json
        codistill cache audit caches/bible --reference caches/bible-dense --temperatures 1
      """)

  @Argument(help: "The cache's folder.")
  var cache: String
  @Option(help: "The teacher that made the cache (default: the path in the cache's manifest).")
  var teacher: String?
  @Option(help: "A dense cache of the same data, read instead of running the teacher.")
  var reference: String?
  @Option(help: "About how many predictions to measure, in whole sequences over the whole cache.")
  var positions = AuditSettings().positions
  @Option(help: "The temperatures to look at, such as 1,2,4.")
  var temperatures = NumberList(AuditSettings().temperatures)
  @Option(help: "The thresholds to compare with, such as 0.1,0.05; none for no others.")
  var taus = NumberList(AuditSettings().thresholds)
  @Option(help: "The top-k sizes to compare with; none for no others.")
  var top = NumberList(AuditSettings().topEntries.map(Double.init))
  @Option(help: "The counts of random draws to compare with; none for no others.")
  var samples = NumberList(AuditSettings().samples.map(Double.init))
  @Option(help: "Write the curve of size against error at the cache's temperature, as SVG.")
  var svg: String?
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    try Limits.within(1...1_000_000_000, positions, "--positions")
    guard teacher == nil || reference == nil else {
      throw ValidationError("audit takes either --teacher or --reference")
    }
    for temperature in temperatures.values { try Limits.positive(temperature, "--temperatures") }
    for (list, option) in [(top, "--top"), (samples, "--samples")] where !list.isWhole {
      throw ValidationError("\(option) takes whole numbers from 1 to 4096")
    }
    guard taus.values.allSatisfy({ $0 >= 1e-4 && $0 <= 1 }) else {
      throw ValidationError("--taus takes numbers from 0.0001 to 1")
    }
  }

  func run() throws {
    try InputPath.require(cache, remedy: "check the path of the cache")
    if let teacher { try InputPath.require(teacher, remedy: "check --teacher") }
    if let reference { try InputPath.require(reference, remedy: "check --reference") }
    machine.apply()
    let report = try audit()
    if let svg { try AtomicFile.write(report.chart.svg, to: svg) }
    try Console.result(Answer(report, ["cache": cache]), asJSON: format.json) {
      report.text(of: cache)
    }
  }

  /// Measures the cache by its teacher or by a dense cache of the same data.
  private func audit() throws -> AuditReport {
    let cache = try CacheReader(directory: URL(filePath: self.cache))
    let capture = cache.manifest.capture
    let (source, tokenizer) = try source(capture)
    let kinds = tokenizer.map { $0.kinds(vocabularySize: capture.vocabularySize) }
    let line = ProgressLine("auditing", total: nil, unit: "tokens")
    defer { line.finish() }
    return try CacheAudit(cache, source: source, settings: settings, kinds: kinds)
      .run { done, total in line.update(done: done, news: "of \(Figures.count(total))") }
  }

  private var settings: AuditSettings {
    var settings = AuditSettings()
    settings.positions = positions
    settings.temperatures = temperatures.values
    settings.thresholds = taus.values
    settings.topEntries = top.values.map { Int($0) }
    settings.samples = samples.values.map { Int($0) }
    return settings
  }

  private func source(_ capture: CaptureConfig) throws -> (LogitsSource, Tokenizer?) {
    if let reference { return (try dense(reference, capture), nil) }
    if teacher == nil, !capture.codec.isSparse {
      return (try dense(cache, capture), nil)
    }
    let path = teacher ?? capture.teacher.name
    guard teacher != nil || FileManager.default.fileExists(atPath: path) else {
      throw AuditError.noReference(teacher: path)
    }
    var checkpoint = try Checkpoint.open(Checkpoint.path(ofModel: path))
    let (found, expected) = (checkpoint.fingerprint, capture.teacher.fingerprint)
    guard found == expected else {
      throw AuditError.otherTeacher(path: path, found: found, expected: expected)
    }
    // A cache has the ids of the tokenizer alone, its teacher may have rows beyond them.
    if capture.vocabularySize < checkpoint.config.vocabSize {
      checkpoint = checkpoint.withVocabulary(capture.vocabularySize)
    }
    try MemoryShortage.check(
      "the teacher",
      needs: MemoryNeed.evaluation([checkpoint.config], window: capture.sequenceLength, at: 1))
    return (.teacher(try Models.Decoder(checkpoint)), try checkpoint.tokenizer())
  }

  private func dense(_ path: String, _ capture: CaptureConfig) throws -> LogitsSource {
    let reader = try CacheReader(directory: URL(filePath: path))
    let found = reader.manifest.capture
    guard !found.codec.isSparse else {
      throw AuditError.notDense(path: path, codec: found.codec.name)
    }
    guard found.teacher.fingerprint == capture.teacher.fingerprint else {
      throw AuditError.otherTeacher(
        path: path, found: found.teacher.fingerprint, expected: capture.teacher.fingerprint)
    }
    return .dense(reader)
  }
}

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
    guard let kind = row.codec?.kind, let number = row.codec?.setting else { return row.name }
    return kind.setting?.words(number) ?? row.name
  }
}

extension AuditReport.Row {
  /// The setting in a few words.
  fileprivate var name: String {
    guard let codec, let number = codec.setting, let words = codec.kind.setting?.words(number)
    else { return "hard labels" }
    return codec.kind.isTruncated ? "\(words), \(reading.rawValue)" : words
  }
}

/// Numbers on a command line: `0.1,0.05`, or `none`.
struct NumberList: ExpressibleByArgument {
  /// The numbers.
  let values: [Double]

  /// A list of some numbers.
  init(_ values: [Double]) { self.values = values }

  init?(argument: String) {
    guard argument != "none" else {
      values = []
      return
    }
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    values = parts.compactMap { Double($0.trimmingPrefix(while: \.isWhitespace)) }
    guard values.count == parts.count, values.allSatisfy(\.isFinite) else { return nil }
  }

  /// The default as the help shows it.
  var defaultValueDescription: String {
    values.map(short).joined(separator: ",")
  }

  /// Whether all are whole numbers from 1 to 4096.
  var isWhole: Bool { values.allSatisfy { $0 == $0.rounded() && (1...4096).contains($0) } }
}

/// A number without the zeros behind a whole one's point.
private func short(_ value: Double) -> String {
  value == value.rounded() ? "\(Int(value))" : "\(value)"
}
