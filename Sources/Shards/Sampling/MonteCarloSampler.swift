import Foundation

/// Draws ids with replacement, each worth 1/n: random-sampling distillation (RS-KD, Anshumann et
/// al., ACL 2025) with the proposal p itself.
struct MonteCarloSampler: Sendable {
  let samples: Int
  let temperature: Double
  let vocabularySize: Int
  private let random: AddressedRandom

  init(samples: Int, temperature: Double, vocabularySize: Int, seed: UInt64) {
    (self.samples, self.temperature) = (samples, temperature)
    self.vocabularySize = vocabularySize
    random = AddressedRandom(seed: seed)
  }

  mutating func append(
    logits: UnsafeBufferPointer<Float>, nextToken: Int32, sequence: UInt64, position: Int,
    draw: Int = 0, to targets: inout SparseTargets
  ) throws(ShardError) {
    precondition(logits.count == vocabularySize, "a row of logits is as long as the vocabulary")
    let row = try LogitsRow(logits, nextToken: nextToken, temperature: temperature, at: position)
    let place = Place(random: random, sequence: sequence, position: position)
    let points = (0..<samples).map { place.uniform(.sampling, draw * samples + $0) }.sorted()
    let kept = counts(logits, row, points)
    targets.append(
      kept.map { ($0.id, Float($0.count) / Float(samples)) }, argmax: row.argmax,
      entropy: row.entropy, nextLogProbability: row.nextLogProbability, place)
  }

  /// How often each id is drawn: the points on the running sum of p, in id order.
  private func counts(
    _ logits: UnsafeBufferPointer<Float>, _ row: LogitsRow, _ points: [Double]
  ) -> [(id: Int32, count: Int)] {
    var (kept, sum, next) = ([(id: Int32, count: Int)](), 0.0, 0)
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
