import Foundation

extension CodecKind {
  /// The k most probable entries; the rest of the mass is known only as a whole.
  package static let topk = CodecKind(
    rawValue: "topk",
    setting: CodecSetting(
      key: "entries", symbol: "k", isWhole: true, range: CodecSetting.counts, usual: { _ in 50 },
      phrase: { "top \($0)" }),
    isTruncated: true, exactAbove: { _ in 0 },
    grid: { _ in .arcsine(levels: ValueGrid.arcsineLevels) }, gridName: ValueGrid.arcsineName,
    mostEntries: { min(Int($0), $1) }, rowBytes: { entries, _ in 64 + Int(entries) * 12 },
    sampler: { TopKSampler($0, vocabularySize: $1) })
}

extension CacheCodec {
  /// The k most probable entries; the rest of the mass is known only as a whole.
  package static func topk(entries: Int, temperature: Double) -> CacheCodec {
    CacheCodec(.topk, setting: Double(entries), temperature: temperature)
  }

  /// k, the most probable entries of a row that are kept, if it is a codec of those.
  public var entries: Int? { number(of: .topk).map { Int($0) } }
}

/// Keeps the k most probable entries of a row, their values rounded without bias.
struct TopKSampler: RowSampler {
  private let entries: Int
  private let temperature: Double

  /// A sampler of a codec that has k.
  init(_ codec: CacheCodec, vocabularySize: Int) {
    entries = codec.mostEntries(vocabularySize: vocabularySize)
    temperature = codec.temperature
  }

  /// Adds a row; all draws of a place are alike.
  func append(
    _ logits: UnsafeBufferPointer<Float>, nextToken: Int32, _ place: Place, draw: Int,
    to targets: inout SparseTargets
  ) throws(ShardError) {
    let row = try LogitsRow(
      logits, nextToken: nextToken, temperature: temperature, at: place.position)
    let ids = Self.largest(entries, of: logits)
    let values = TruncatedRow.values(
      ids.map { exp(row.logProbability(logits[Int($0)])) },
      argmax: ids.firstIndex(of: row.argmax) ?? 0
    ) { place.uniform(.valueRounding, Int(ids[$0])) }
    targets.append(
      zip(ids, values).map { ($0, $1) }, argmax: row.argmax, entropy: row.entropy,
      nextLogProbability: row.nextLogProbability, place)
  }

  /// The ids of the k largest logits in ascending order; of equal ones the lowest ids.
  static func largest(_ count: Int, of logits: UnsafeBufferPointer<Float>) -> [Int32] {
    // A heap with the least of the kept on top; an id comes later than all that are in it.
    var heap: [(logit: Float, id: Int32)] = []
    heap.reserveCapacity(count)
    for (id, logit) in logits.enumerated() where logit > -.infinity {
      if heap.count < count {
        heap.append((logit, Int32(id)))
        siftUp(&heap)
      } else if logit > heap[0].logit {
        heap[0] = (logit, Int32(id))
        siftDown(&heap)
      }
    }
    return heap.map(\.id).sorted()
  }

  private static func isBelow(
    _ a: (logit: Float, id: Int32), _ b: (logit: Float, id: Int32)
  ) -> Bool { (a.logit, b.id) < (b.logit, a.id) }

  private static func siftUp(_ heap: inout [(logit: Float, id: Int32)]) {
    var child = heap.count - 1
    while child > 0, isBelow(heap[child], heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  private static func siftDown(_ heap: inout [(logit: Float, id: Int32)]) {
    var parent = 0
    while 2 * parent + 1 < heap.count {
      var child = 2 * parent + 1
      if child + 1 < heap.count, isBelow(heap[child + 1], heap[child]) { child += 1 }
      guard isBelow(heap[child], heap[parent]) else { return }
      heap.swapAt(child, parent)
      parent = child
    }
  }
}

/// The values of a row of which only the most probable entries are kept.
///
/// Each is rounded at random such that its expectation is p, but what the row leaves for all other
/// tokens may not come out below zero: a bucket of negative mass has no logarithm. Where the values
/// would exceed 1 together, the argmax gives way.
enum TruncatedRow {
  private static let grid = ValueGrid.arcsine(levels: ValueGrid.arcsineLevels)

  /// Rounds some probabilities.
  ///
  /// - Parameters:
  ///   - probabilities: the kept entries'; at most 1 together, but for rounding.
  ///   - argmax: the place of the largest.
  ///   - uniform: the random number in [0, 1) that rounds the entry at a place.
  /// - Returns: the values in the probabilities' order; 0 for what was rounded to nothing.
  static func values(
    _ probabilities: [Double], argmax: Int, uniform: (Int) -> Double
  ) -> [Float] {
    var levels = probabilities.enumerated().map { grid.level(of: $1, uniform: uniform($0)) }
    if fit(&levels, argmax: argmax) { return levels.map(grid.value) }
    // Hundreds of entries as small as the argmax: all of them rounded down leave it what it has.
    levels = probabilities.map { grid.level(of: $0, uniform: 1) }
    levels[argmax] = max(1, levels[argmax])
    _ = fit(&levels, argmax: argmax)
    return levels.map(grid.value)
  }

  /// Lowers the argmax until the values are at most 1 together; false where it would be no entry.
  private static func fit(_ levels: inout [Int], argmax: Int) -> Bool {
    let others = levels.indices.reduce(0.0) {
      $1 == argmax ? $0 : $0 + Double(grid.value(levels[$1]))
    }
    // A hair, so that the sum stays below 1 in any order.
    while levels[argmax] > 1, others + Double(grid.value(levels[argmax])) > 1 - 1e-12,
      others > 0
    {
      levels[argmax] -= 1
    }
    return levels[argmax] > 0 && others + Double(grid.value(levels[argmax])) <= 1
  }
}
