import Capture
import Foundation
import Measuring
import Models
import Reports
import Shards
import Tensors
import Text

/// A teacher and a text, over which schemes are measured.
struct FidelityWork {
  /// The thresholds of ours.
  var thresholds: [Double] = []
  /// The temperature of all schemes; those that know only 1 are left out at others.
  var temperature = 1.0
  private let teacher: Models.Decoder
  private let items: [FidelityMeasurement.Item]
  private let student: WeakStudent
  private let folder: URL
  private let capture: CaptureConfig
  private let kinds: [UInt8]

  /// A loaded teacher and packed text.
  init(
    _ teacher: Models.Decoder, _ checkpoint: Checkpoint, _ tokenizer: Tokenizer,
    _ data: PackedData, length: Int, seed: UInt64, folder: URL
  ) {
    (self.teacher, self.folder) = (teacher, folder)
    kinds = tokenizer.kinds(vocabularySize: checkpoint.config.vocabSize)
    items = data.sequences.enumerated().map { number, sequence in
      let identity = SequenceTokens.identity(
        ordinal: number, tokens: sequence.tokens, fragments: sequence.fragments)
      return .init(
        number: number,
        text: SequenceTokens(
          identity: identity, tokens: sequence.tokens, fragments: sequence.fragments))
    }
    student = WeakStudent(
      vocabularySize: checkpoint.config.vocabSize, seeing: items.lazy.flatMap(\.text.tokens))
    capture = CaptureConfig(
      codec: .threshold(threshold: 0.05, temperature: 1),
      vocabularySize: checkpoint.config.vocabSize, sequenceLength: length, seed: seed,
      teacher: CaptureConfig.Teacher(name: checkpoint.path, fingerprint: checkpoint.fingerprint),
      tokenizerSHA256: tokenizer.fingerprint, dataFingerprint: data.fingerprint,
      bosAdded: false, eosAdded: false, arithmetic: CaptureConfig.arithmetic(teacher.precision))
  }

  /// Measures ours and the baselines over the whole text.
  func measure() throws -> FidelityResult {
    // Random draws in our own coding tell what is the coder's and what the sampling's.
    let codecs =
      thresholds.map { CacheCodec.threshold(threshold: $0, temperature: temperature) }
      + [.sample(samples: 50, temperature: temperature)]
    let ours = try codecs.map { try Ours($0, capture, kinds, folder) }
    let baselines = baselines
    let statistics = TeacherStatistics(temperature: temperature)
    let figures = try run(
      items[...], ours.map(\.estimator) + baselines + [statistics], label: "measuring")
    for case let megatron as Megatron in baselines { megatron.flush() }
    var rows: [FidelityResult.Row] = []
    for (index, scheme) in ours.enumerated() {
      rows.append(.init(scheme.codec, try scheme.cache.finish(), figures[index][0]))
    }
    for (index, baseline) in baselines.enumerated() {
      for (reading, figures) in zip(baseline.readings, figures[ours.count + index]) {
        rows.append(.init(baseline, reading, figures))
      }
    }
    return FidelityResult(
      teacher: capture.teacher.name, vocabulary: capture.vocabularySize,
      tokens: items.reduce(0) { $0 + $1.text.recordCount },
      batchTokens: FidelityMeasurement.batchTokens, nll: statistics.nll,
      entropy: statistics.entropy, rows: rows)
  }

  /// The thresholds whose caches take given shares of the bytes of 50 random draws, by a log-log
  /// interpolation between those that were tried on the beginning of the text.
  func thresholds(taking shares: [Double], pilotTokens: Int) throws -> [Double] {
    guard !shares.isEmpty else { return [] }
    let tried = [0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 0.005, 0.0025]
    let length = items.first?.text.recordCount ?? 1
    let pilot = items.prefix(max(1, pilotTokens / length))
    let tokens = pilot.reduce(0) { $0 + $1.text.recordCount }
    let ours = try tried.map {
      try Ours(.threshold(threshold: $0, temperature: temperature), capture, kinds, folder)
    }
    let draws = RandomSampling(
      draws: 50, temperature: temperature, vocabularySize: capture.vocabularySize,
      seed: capture.seed)
    _ = try run(pilot, ours.map(\.estimator) + [draws], label: "seeking thresholds")
    let whole = Double(items.reduce(0) { $0 + $1.text.recordCount })
    let sizes = try ours.map { scheme in
      let sizes = try scheme.cache.finish()
      // Tables and manifest are paid once, for the whole text.
      let fixed = Double(sizes.fixed)
      return sizes.everything - fixed / Double(tokens) + fixed / whole
    }
    let reference = draws.bytes / Double(tokens)
    return shares.compactMap { share in
      Self.interpolate(x: sizes, y: tried, at: share * reference)
    }
  }

  /// y at x between neighbours, on logarithms; nil outside of x, which ascends.
  private static func interpolate(x: [Double], y: [Double], at value: Double) -> Double? {
    for (index, next) in zip(x.indices, x.indices.dropFirst())
    where x[index] <= value && value <= x[next] {
      let share = log(value / x[index]) / log(x[next] / x[index])
      let result = y[index] * pow(y[next] / y[index], share)
      return (result * 1e5).rounded() / 1e5
    }
    return nil
  }

  private func run(
    _ items: ArraySlice<FidelityMeasurement.Item>, _ estimators: [any TargetEstimator],
    label: String
  ) throws -> [[FidelityFigures]] {
    let total = items.reduce(0) { $0 + $1.text.recordCount }
    let line = ProgressLine(label, total: total, unit: "tokens", done: 0)
    defer { line.finish() }
    return try FidelityMeasurement(
      source: .teacher(teacher), student: student, estimators: estimators
    ).run(Array(items)) { line.update(done: $0) }
  }

  private var baselines: [any Baseline] {
    let (vocabulary, seed) = (capture.vocabularySize, capture.seed)
    var all: [any Baseline] = [25, 50, 100].map {
      RandomSampling(
        draws: $0, temperature: temperature, vocabularySize: vocabulary, seed: seed)
    }
    guard temperature == 1 else { return all }
    all.append(DistillKit.budget(vocabularySize: vocabulary))
    all.append(DistillKit.recommended(vocabularySize: vocabulary))
    if vocabulary <= Megatron.largestVocabulary { all.append(Megatron(entries: 128)) }
    return all
  }
}

/// A codec of ours, with the cache that it writes.
private struct Ours {
  let codec: CacheCodec
  let estimator: CodecEstimator
  let cache: CacheOnDisk

  init(
    _ codec: CacheCodec, _ capture: CaptureConfig, _ kinds: [UInt8], _ folder: URL
  ) throws {
    var capture = capture
    capture.codec = codec
    let cache = CacheOnDisk(
      folder.appending(component: "cache-\(UUID().uuidString)"), capture: capture, kinds: kinds)
    (self.codec, self.cache) = (codec, cache)
    estimator = try CodecEstimator(
      capture.codec, vocabularySize: capture.vocabularySize, seed: capture.seed
    ) { cache.append($0) }
  }
}

/// What the teacher itself is like on the text.
private final class TeacherStatistics: TargetEstimator {
  let temperature: Double
  let readings: [TargetReading] = []
  private var (count, nllSum, entropySum) = (0, 0.0, 0.0)

  init(temperature: Double) { self.temperature = temperature }

  /// The mean negative log-likelihood of the text, in nats a token.
  var nll: Double { nllSum / Double(max(1, count)) }
  /// The mean entropy, in nats.
  var entropy: Double { entropySum / Double(max(1, count)) }

  func begin(_ text: SequenceTokens) {}
  func end() {}

  func estimates(_ row: ReferenceRow) -> [TargetEstimate] {
    count += 1
    nllSum -= row.logProbability(row.nextToken)
    entropySum += row.entropy
    return []
  }
}
