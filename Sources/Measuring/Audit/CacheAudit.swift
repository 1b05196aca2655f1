import Base
package import Shards
import Tensors

/// Measures what a cache kept and lost of its teacher, and what other settings would have.
package struct CacheAudit {
  private let cache: CacheReader
  private let source: LogitsSource
  private let settings: AuditSettings
  private let kinds: [UInt8]?

  /// An audit of a cache by its teacher, or by a dense cache of the same data.
  ///
  /// `kinds` tells what kind of token each id is (`Tokenizer.kinds`), for the sizes of settings
  /// that the cache does not have.
  package init(
    _ cache: CacheReader, source: LogitsSource, settings: AuditSettings, kinds: [UInt8]? = nil
  ) {
    self.cache = cache
    self.source = source
    self.settings = settings
    self.kinds = kinds
  }

  /// Takes the sample and measures it.
  ///
  /// - Throws: `ShardError`, ``AuditError``.
  package func run(progress: (_ tokens: Int, _ total: Int) -> Void) throws -> AuditReport {
    if case .teacher = source, cache.knowsMaturity { throw AuditError.movingTeacher }
    let numbers = try AuditSettings.sample(count: cache.count, positions: settings.positions) {
      try cache.recordCount(at: $0)
    }
    let sequences = try numbers.map { try cache.sequence(at: $0) }
    let schemes = try Schemes(sequences, capture, settings)
    let student = WeakStudent(
      vocabularySize: capture.vocabularySize, seeing: sequences.lazy.flatMap(\.tokens))
    let measurement = FidelityMeasurement(
      source: source, student: student, estimators: schemes.estimators)
    let total = sequences.reduce(0) { $0 + $1.text.recordCount }
    let figures = try measurement.run(
      zip(numbers, sequences).map { .init(number: $0, text: $1.text) }
    ) { progress($0, total) }
    return try report(figures, schemes, sequences, total: total)
  }

  private var capture: CaptureConfig { cache.manifest.capture }

  private func report(
    _ figures: [[FidelityFigures]], _ schemes: Schemes, _ sequences: [CachedSequence], total: Int
  ) throws -> AuditReport {
    let sizes = try sizes(schemes, sequences)
    var rows: [AuditReport.Row] = []
    for (index, scheme) in schemes.all.enumerated() {
      for (reading, figures) in zip(scheme.estimator.readings, figures[index]) {
        rows.append(
          AuditReport.Row(
            origin: scheme.origin, codec: scheme.codec, temperature: scheme.estimator.temperature,
            reading: reading, bytesPerToken: sizes[index], figures: figures))
      }
    }
    var report = AuditReport(
      tokens: cache.manifest.tokens, sampledTokens: total,
      batchTokens: min(total, FidelityMeasurement.batchTokens), reference: source.name,
      draws: capture.draws, frozenNoiseEpochs: nil, rows: rows, warnings: [])
    report.frozenNoiseEpochs = report.epochsOfFrozenNoise(own: capture.codec)
    report.warnings = report.findings(own: capture.codec)
    return report
  }

  /// Bytes a token of each scheme: the cache's real ones, and for others the cache's times what
  /// their frames take over what the cache's own take, both coded with tables of this sample.
  private func sizes(_ schemes: Schemes, _ own: [CachedSequence]) throws -> [Double?] {
    let actual = cache.manifest.bytesPerToken
    let ownFrames = try frameBytes(own, capture.codec, draws: capture.draws)
    // A dense cache says nothing about sparse frames.
    let correction = capture.codec.isSparse ? actual / ownFrames : 1
    return try Parallel.map(schemes.all.count) { index -> Double? in
      let scheme = schemes.all[index]
      switch scheme.origin {
      case .labels: return nil
      case .cache: return actual
      case .captured:
        guard let codec = scheme.codec else { return nil }
        return try correction * frameBytes(scheme.captured.sequences, codec, draws: 1)
      }
    }
  }

  /// Each half of the sequences is coded with tables from the other half: a table that has seen
  /// what it codes would flatter large settings.
  private func frameBytes(
    _ sequences: [CachedSequence], _ codec: CacheCodec, draws: Int
  ) throws -> Double {
    var settings = capture
    settings.codec = codec
    settings.draws = draws
    let halves = [0, 1].map { half in
      sequences.indices.filter { $0 % 2 == half }.map { sequences[$0] }
    }
    var bytes = 0
    for half in [0, 1] {
      let known = halves[1 - half].isEmpty ? sequences : halves[1 - half]
      let tables =
        codec.isSparse
        ? try CodingTables(
          calibrating: known, text: sequences.lazy.flatMap(\.tokens), kinds: kinds,
          capture: settings) : nil
      let frames = try FrameCodec(settings, tables: tables)
      bytes += try halves[half].reduce(0) { try $0 + frames.encode($1).bytes.count }
    }
    return Double(bytes) / Double(max(1, sequences.reduce(0) { $0 + $1.text.recordCount }))
  }
}

/// Everything that an audit measures, in the order of the report.
private struct Schemes {
  struct Scheme {
    let origin: AuditReport.Origin
    let codec: CacheCodec?
    let estimator: any TargetEstimator
    let captured: Captured
  }

  /// The sequences of a scheme as a cache would store them.
  final class Captured {
    var sequences: [CachedSequence] = []
  }

  private(set) var all: [Scheme] = []

  var estimators: [any TargetEstimator] { all.map(\.estimator) }

  init(
    _ sequences: [CachedSequence], _ capture: CaptureConfig, _ settings: AuditSettings
  ) throws {
    let own = capture.codec
    let temperatures = [own.temperature] + settings.temperatures.filter { $0 != own.temperature }
    for temperature in temperatures where own.isSparse {
      let estimator = StoredEstimator(sequences, codec: own, temperature: temperature)
      all.append(
        Scheme(origin: .cache, codec: own, estimator: estimator, captured: Captured()))
    }
    all.append(
      Scheme(
        origin: .labels, codec: nil, estimator: LabelEstimator(temperature: own.temperature),
        captured: Captured()))
    for codec in settings.codecs(besides: own) {
      let captured = Captured()
      let estimator = try CodecEstimator(
        codec, vocabularySize: capture.vocabularySize, seed: capture.seed
      ) { captured.sequences.append($0) }
      all.append(
        Scheme(origin: .captured, codec: codec, estimator: estimator, captured: captured))
    }
  }
}

/// The positions that an audit measures, and the settings that it compares.
package struct AuditSettings: Sendable, Equatable {
  /// The approximate number of predictions, in whole sequences spread evenly over the cache.
  package var positions = 4096
  /// The temperatures, each a capture of its own.
  package var temperatures = [1.0, 2, 4]
  /// Thresholds to compare with.
  package var thresholds = [0.1, 0.05, 0.03, 0.02, 0.01]
  /// Counts of most probable entries to compare with.
  package var topEntries = [12, 50, 100]
  /// Counts of random draws to compare with.
  package var samples = [25, 50, 100]

  /// The default range.
  package init() {}

  /// The codecs to capture with for the comparison, without the one that the cache has.
  func codecs(besides own: CacheCodec) -> [CacheCodec] {
    temperatures.flatMap { temperature in
      thresholds.map { CacheCodec.threshold(threshold: $0, temperature: temperature) }
        + topEntries.map { .topk(entries: $0, temperature: temperature) }
        + samples.map { .sample(samples: $0, temperature: temperature) }
        + (own.isSparse
          ? [CacheCodec(own.kind, setting: own.setting, temperature: temperature)] : [])
    }.reduce(into: []) { found, codec in
      if codec != own, !found.contains(codec) { found.append(codec) }
    }
  }

  /// The numbers of the sequences to measure: evenly spread, enough for the positions.
  static func sample(
    count: Int, positions: Int, recordCount: (Int) throws -> Int
  ) rethrows -> [Int] {
    guard count > 0 else { return [] }
    let typical = max(1, try recordCount(0))
    let wanted = min(count, max(1, (positions + typical - 1) / typical))
    return (0..<wanted).map { (2 * $0 + 1) * count / (2 * wanted) }
  }
}
