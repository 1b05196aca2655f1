import Base
public import Shards

/// The worth of a cache, measured on a sample of its positions.
public struct AuditReport: Sendable, Encodable {
  /// The origin of a row's targets.
  package enum Origin: String, Sendable, Encodable {
    /// The cache's own files.
    case cache
    /// Targets captured for the comparison from the teacher's rows.
    case captured
    /// The tokens that truly follow.
    case labels
  }

  /// One setting at one temperature under one reading.
  public struct Row: Sendable {
    /// The origin of the targets.
    package var origin: Origin
    /// The codec and its parameter, with the temperature of the capture; nil for labels.
    public var codec: CacheCodec?
    /// The temperature at which the targets are compared with the teacher.
    public var temperature: Double
    /// The reading of the entries.
    public var reading: TargetReading
    /// Bytes a token of a whole cache, everything included; nil for labels.
    public var bytesPerToken: Double?
    /// The fidelity of the targets.
    public var figures: FidelityFigures
  }

  /// The predictions of the whole cache.
  public var tokens: Int
  /// The predictions that were measured.
  public var sampledTokens: Int
  /// The predictions whose gradients were added up for an angle.
  public var batchTokens: Int
  /// `teacher` or `dense`: what was measured against.
  public var reference: String
  /// The independent draws that the cache holds.
  public var draws: Int
  /// The epochs after which the frozen noise of the targets weighs as much as that of hard labels
  /// in one; nil where nothing is drawn.
  public var frozenNoiseEpochs: Double?
  /// The rows: the cache's own, hard labels, then other settings.
  public var rows: [Row]
  /// The facts that a user should know before using the cache.
  public var warnings: [String]
}

extension AuditReport.Row: Encodable {
  /// Encodes the setting and its figures as one flat object.
  public func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "origin": origin, "codec": codec?.name, "parameter": codec?.setting,
      "captureTemperature": codec?.temperature, "temperature": temperature, "reading": reading,
      "bytesPerToken": bytesPerToken, "entriesPerToken": figures.entriesPerToken,
      "rmsError": figures.rmsError, "gradientAngle": figures.gradientAngle,
      "klBias": figures.klBias, "klBiasStderr": figures.klBiasStderr,
      "truncationKl": figures.truncationKl, "massKept": figures.massKept,
      "meanMass": figures.meanMass, "calibrationError": figures.calibrationError,
    ])
  }
}
