import Foundation

/// Keeps the k most probable entries of a row, their values rounded without bias.
struct TopKSampler: Sendable {
  let entries: Int
  let temperature: Double
  let vocabularySize: Int
  private let random: AddressedRandom

  init(entries: Int, temperature: Double, vocabularySize: Int, seed: UInt64) {
    (self.entries, self.temperature) = (min(entries, vocabularySize), temperature)
    self.vocabularySize = vocabularySize
    random = AddressedRandom(seed: seed)
  }

  mutating func append(
    logits: UnsafeBufferPointer<Float>, nextToken: Int32, sequence: UInt64, position: Int,
    to targets: inout SparseTargets
  ) throws(ShardError) {
    precondition(logits.count == vocabularySize, "a row of logits is as long as the vocabulary")
    let row = try LogitsRow(logits, nextToken: nextToken, temperature: temperature, at: position)
    let place = Place(random: random, sequence: sequence, position: position)
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
