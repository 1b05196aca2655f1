import Foundation

extension CodecKind {
  /// Random draws with replacement, each worth 1/n: random-sampling distillation (RS-KD, Anshumann
  /// et al., ACL 2025) with the proposal p itself.
  public static let sample = CodecKind(
    rawValue: "sample",
    setting: CodecSetting(
      key: "samples", symbol: "n", isWhole: true, range: CodecSetting.counts, usual: { _ in 50 },
      phrase: { "\($0) draws" }),
    isRandom: true, exactAbove: { _ in nil }, grid: { .linear(levels: Int($0)) },
    mostEntries: { min(Int($0), $1) }, rowBytes: { samples, _ in 64 + Int(samples) * 12 },
    sampler: { codec, _ in MonteCarloSampler(codec) })
}

extension CacheCodec {
  /// Random draws with replacement, each worth 1/n.
  public static func sample(samples: Int, temperature: Double) -> CacheCodec {
    CacheCodec(.sample, setting: Double(samples), temperature: temperature)
  }

  /// n, the draws that make a row, if it is a codec of draws.
  public var samples: Int? { number(of: .sample).map { Int($0) } }
}

/// Draws ids with replacement, each worth 1/n.
struct MonteCarloSampler: RowSampler {
  private let samples: Int
  private let temperature: Double

  /// A sampler of a codec that has n.
  init(_ codec: CacheCodec) {
    samples = codec.samples ?? 1
    temperature = codec.temperature
  }

  /// Adds a row; draws of a place are independent.
  func append(
    _ logits: UnsafeBufferPointer<Float>, nextToken: Int32, _ place: Place, draw: Int,
    to targets: inout SparseTargets
  ) throws(ShardError) {
    let row = try LogitsRow(
      logits, nextToken: nextToken, temperature: temperature, at: place.position)
    let points = (0..<samples).map { place.uniform(.sampling, draw * samples + $0) }.sorted()
    let kept = counts(logits, row, points)
    targets.append(
      kept.map { ($0.id, Float($0.count) / Float(samples)) }, argmax: row.argmax,
      entropy: row.entropy, nextLogProbability: row.nextLogProbability, place)
  }

  /// The ids that are drawn, and how often: the points on the running sum of p, in id order.
  private func counts(
    _ logits: UnsafeBufferPointer<Float>, _ row: LogitsRow, _ points: [Double]
  ) -> [(id: Int32, count: Int)] {
    var kept: [(id: Int32, count: Int)] = []
    var sum = 0.0
    var next = 0
    let largest = -row.logSum
    for id in logits.indices where next < points.count {
      let logProbability = row.logProbability(logits[id])
      // What exp would underflow to is skipped for speed: it is below 1e-17 of the largest.
      guard logProbability > largest - 40 else { continue }
      sum += exp(logProbability)
      var count = 0
      while next < points.count, points[next] < sum {
        count += 1
        next += 1
      }
      if count > 0 { kept.append((Int32(id), count)) }
    }
    // Rounding may leave the sum a hair below 1 and points above it: they are the last id's.
    if next < points.count, let last = kept.indices.last { kept[last].count += points.count - next }
    return kept
  }
}
