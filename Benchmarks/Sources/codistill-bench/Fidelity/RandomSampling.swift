import Measuring
import Shards

/// Random-sampling knowledge distillation (Anshumann et al., ACL 2025): n draws with replacement
/// from p, each distinct id stored with its count.
///
/// The paper's layout is 17 bits of id and 7 of count, 3 bytes an entry; a vocabulary above 131,072
/// needs an 18th bit. No count of entries a position is charged, and the exact entropy is lent to
/// its estimate of KL.
final class RandomSampling: Baseline {
  let temperature: Double
  let readings = [TargetReading.stored]
  private(set) var bytes = 0.0
  private(set) var positions = 0
  private let draws: Int
  private let bitsPerEntry: Int
  private let random: AddressedRandom
  private var sequence: UInt64 = 0

  var name: String { "RS-KD, \(draws) draws" }

  init(draws: Int, temperature: Double, vocabularySize: Int, seed: UInt64) {
    (self.draws, self.temperature) = (draws, temperature)
    bitsPerEntry = max(17, idBits(vocabularySize)) + 7
    random = AddressedRandom(seed: seed)
  }

  func begin(_ text: SequenceTokens) { sequence = text.identity }
  func end() {}

  func estimates(_ row: ReferenceRow) -> [TargetEstimate] {
    let points = (0..<draws).map {
      random.uniform(
        sequence: sequence, position: row.position, purpose: .sampling, index: $0)
    }.sorted()
    let counts = counts(row.probabilities, points)
    positions += 1
    bytes += Double(counts.count * bitsPerEntry) / 8
    let values = counts.map { (id: $0.id, value: Float($0.count) / Float(draws)) }
    let most = counts.max { $0.count < $1.count }?.id ?? 0
    return [TargetEstimate(unordered: values, argmax: most, entropy: row.entropy)]
  }

  /// The points on the running sum of p, block by block and within the blocks that hold some.
  private func counts(
    _ p: UnsafeBufferPointer<Float>, _ points: [Double]
  ) -> [(id: Int32, count: Int)] {
    var (found, sum, next) = ([(id: Int32, count: Int)](), 0.0, 0)
    for start in stride(from: 0, to: p.count, by: 256) where next < points.count {
      let block = start..<min(p.count, start + 256)
      let end = sum + Double(block.reduce(Float(0)) { $0 + p[$1] })
      if points[next] < end { take(p, block, points, from: sum, &next, &found) }
      sum = end
    }
    // What rounding left beyond the last id.
    if next < points.count, !found.isEmpty { found[found.count - 1].count += points.count - next }
    return found
  }

  private func take(
    _ p: UnsafeBufferPointer<Float>, _ block: Range<Int>, _ points: [Double], from start: Double,
    _ next: inout Int, _ found: inout [(id: Int32, count: Int)]
  ) {
    var sum = start
    for id in block {
      sum += Double(p[id])
      var count = 0
      while next < points.count, points[next] < sum {
        count += 1
        next += 1
      }
      if count > 0 { found.append((Int32(id), count)) }
    }
  }
}
