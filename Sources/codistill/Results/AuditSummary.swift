import Measuring
import Reports
import Shards

/// What an audit found. (`cache audit`)
struct AuditSummary: Encodable {
  /// One setting, temperature and reading.
  struct Row: Encodable {
    /// `cache`, `captured` or `labels`.
    var origin: String
    /// The codec's name; nil for labels.
    var codec: String?
    /// τ, k or the number of draws.
    var parameter: Double?
    /// T of the capture; nil for labels.
    var captureTemperature: Double?
    /// T at which it is compared with the teacher.
    var temperature: Double
    /// How the entries are read: stored, bucket, renormalized or softened.
    var reading: String
    /// Bytes a token of the whole cache, everything included; estimated unless it is this cache.
    var bytesPerToken: Double?
    /// Stored entries a position.
    var entriesPerToken: Double
    /// The root of the mean of ‖t − p‖².
    var rmsError: Double
    /// The angle of the output layer's gradient, in degrees.
    var gradientAngle: Double
    /// What the KL to the fixed student is off by, in nats, and its standard error.
    var klBias: Double
    var klBiasStderr: Double?
    /// −log of the mass kept, where targets are cut off, in nats.
    var truncationKl: Double?
    /// The mean mass under p of the ids that have an entry.
    var massKept: Double
    /// The mean of Σt.
    var meanMass: Double
    /// The calibration error of the most probable token's target.
    var calibrationError: Double
  }

  /// The cache's folder.
  var cache: String
  /// The predictions of the cache.
  var tokens: Int
  /// The predictions that were measured.
  var sampledTokens: Int
  /// The predictions whose gradients are added up for an angle.
  var batchTokens: Int
  /// `teacher` or `dense`.
  var reference: String
  /// The independent draws in the cache.
  var draws: Int
  /// The epochs after which frozen sampling noise weighs as much as hard labels' in one.
  var frozenNoiseEpochs: Double?
  /// The cache's own rows, hard labels, then other settings.
  var rows: [Row]
  /// What to know before using the cache.
  var warnings: [String]

  /// The summary of a report.
  init(_ report: AuditReport, cache: String) {
    self.cache = cache
    (tokens, sampledTokens, batchTokens) = (
      report.tokens, report.sampledTokens, report.batchTokens
    )
    (reference, draws) = (report.reference, report.draws)
    (frozenNoiseEpochs, warnings) = (report.frozenNoiseEpochs, report.warnings)
    rows = report.rows.map(Row.init)
  }
}

extension AuditSummary.Row {
  /// The row of a report.
  init(_ row: AuditReport.Row) {
    let figures = row.figures
    self.init(
      origin: row.origin.rawValue, codec: row.codec?.name, parameter: row.codec?.parameter,
      captureTemperature: row.codec?.temperature, temperature: row.temperature,
      reading: row.reading.rawValue, bytesPerToken: row.bytesPerToken,
      entriesPerToken: figures.entriesPerToken, rmsError: figures.rmsError,
      gradientAngle: figures.gradientAngle, klBias: figures.klBias,
      klBiasStderr: figures.klBiasStderr, truncationKl: figures.truncationKl,
      massKept: figures.massKept, meanMass: figures.meanMass,
      calibrationError: figures.calibrationError)
  }

  /// The setting in a few words.
  var name: String {
    guard let codec, let parameter else { return "hard labels" }
    let number = parameter == parameter.rounded() ? "\(Int(parameter))" : "\(parameter)"
    switch codec {
    case "threshold": return "τ = \(parameter)"
    case "topk": return "top \(number), \(reading)"
    default: return "\(number) draws"
    }
  }
}

extension CacheCodec {
  /// τ, k or the number of draws.
  fileprivate var parameter: Double? {
    switch self {
    case .threshold(let threshold, _): threshold
    case .topk(let entries, _): Double(entries)
    case .sample(let samples, _): Double(samples)
    case .dense: nil
    }
  }
}
