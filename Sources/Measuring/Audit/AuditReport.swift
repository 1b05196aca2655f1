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

extension AuditReport {
  /// √(draws) · RMS error of hard labels over that of the targets.
  ///
  /// The same noise, added E times, has E² times the energy of one visit; that of `draws`
  /// independent draws, taken in turn, E² / draws.
  func epochsOfFrozenNoise(own: CacheCodec) -> Double? {
    guard own.isRandom, let ours = cacheRow(own.temperature),
      let labels = rows.first(where: { $0.origin == .labels }), ours.figures.rmsError > 0
    else { return nil }
    return Double(draws).squareRoot() * labels.figures.rmsError / ours.figures.rmsError
  }

  /// Sentences about what a user of the cache should know, each complete in itself.
  func findings(own: CacheCodec) -> [String] {
    var found = rows.compactMap { wrongTemperature($0, own: own) }
    found += Set(rows.map(\.temperature)).sorted().compactMap(truncation)
    if let text = doubtful(own) { found.append(text) }
    if let text = frozenNoise { found.append(text) }
    return found
  }

  private func cacheRow(_ temperature: Double) -> Row? {
    rows.first { $0.origin == .cache && $0.temperature == temperature }
  }

  private func wrongTemperature(_ row: Row, own: CacheCodec) -> String? {
    guard row.origin == .cache, row.reading == .softened, let right = cacheRow(own.temperature)
    else { return nil }
    return "captured at T = \(short(own.temperature)), wrong at T = \(short(row.temperature)):"
      + " softened to it, the targets miss by \(decimal(row.figures.rmsError)) instead of"
      + " \(decimal(right.figures.rmsError)), and their ids hold"
      + " \(percent(row.figures.massKept)) of the mass there;"
      + " build another cache with --temperature \(short(row.temperature))"
  }

  private func truncation(at temperature: Double) -> String? {
    let parts = rows.compactMap { row -> String? in
      guard let entries = row.codec?.entries, row.codec?.temperature == temperature,
        row.temperature == temperature, row.reading == .renormalized, row.figures.massKept < 0.9,
        let lost = row.figures.truncationKl
      else { return nil }
      return
        "\(entries) entries hold \(percent(row.figures.massKept)) (\(decimal(lost)) nats cut off)"
    }
    guard !parts.isEmpty else { return nil }
    return "top-k keeps little of the mass at T = \(short(temperature)): "
      + parts.joined(separator: ", ") + "; take threshold, which loses none on average"
  }

  /// Unbiased targets whose divergence is off by more than chance are not this teacher's.
  private func doubtful(_ own: CacheCodec) -> String? {
    guard own.isRandom, let row = cacheRow(own.temperature) else { return nil }
    let bias = row.figures.klBias
    guard let error = row.figures.klBiasStderr, abs(bias) > 5 * error + 1e-3 else { return nil }
    return "the stored targets are biased: KL to a fixed student is off by \(decimal(bias)) nats,"
      + " with a standard error of \(decimal(error)); the cache is not what this teacher says"
  }

  private var frozenNoise: String? {
    guard let epochs = frozenNoiseEpochs else { return nil }
    let draws = draws == 1 ? "one draw" : "\(draws) draws"
    return "sampling noise is frozen (\(draws) a position): from about \(Int(epochs.rounded()))"
      + " epochs on it weighs as much as the noise of hard labels does in one; to train longer,"
      + " build with more --draws or a smaller --tau"
  }

  private func short(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }

  private func decimal(_ value: Double) -> String {
    "\((value * 1000).rounded() / 1000)"
  }

  private func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
}
