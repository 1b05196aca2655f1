import Shards

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
      guard case .topk(let entries, temperature) = row.codec, row.temperature == temperature,
        row.reading == .renormalized, row.figures.massKept < 0.9,
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
