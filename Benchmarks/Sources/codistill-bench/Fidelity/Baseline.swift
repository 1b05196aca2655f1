import Measuring
import Shards

/// A scheme of others, for comparison: what its files would take, and what a reader gets back.
///
/// Its bytes are those of the targets alone; headers, padding and the text come for free.
protocol Baseline: TargetEstimator {
  /// What the table calls it.
  var name: String { get }
  /// The bytes of the targets so far.
  var bytes: Double { get }
  /// The positions so far.
  var positions: Int { get }
}

/// The most probable entries of a row.
enum TopEntries {
  /// The k largest, the largest first; of equal ones the lowest ids.
  static func largest(_ count: Int, of logits: UnsafeBufferPointer<Float>) -> [Int32] {
    // Ascending by logit: nearly every id is turned away by the first comparison.
    var kept: [(logit: Float, id: Int32)] = []
    kept.reserveCapacity(count + 1)
    for (id, logit) in logits.enumerated() {
      if kept.count == count {
        guard logit > kept[0].logit else { continue }
        kept.removeFirst()
      }
      var (low, high) = (0, kept.count)
      while low < high {
        let middle = (low + high) / 2
        if kept[middle].logit < logit { low = middle + 1 } else { high = middle }
      }
      kept.insert((logit, Int32(id)), at: low)
    }
    return kept.reversed().map(\.id)
  }
}

extension TargetEstimate {
  /// An estimate from entries in any order.
  init(unordered entries: [(id: Int32, value: Float)], argmax: Int32, entropy: Double? = nil) {
    let sorted = entries.sorted { $0.id < $1.id }
    self.init(
      ids: sorted.map(\.id), values: sorted.map(\.value), argmax: argmax, entropy: entropy)
  }

  /// With what is missing from a mass of 1 put on the rest.
  func completed(_ rest: (Double) -> Rest) -> TargetEstimate {
    var result = self
    result.rest = rest(max(0, 1 - values.reduce(0) { $0 + Double($1) }))
    return result
  }

  /// Scaled to a mass of 1.
  func normalized() -> TargetEstimate {
    var result = self
    let mass = values.reduce(0) { $0 + Double($1) }
    result.values = values.map { Float(Double($0) / mass) }
    return result
  }
}

/// The bits that hold any id of a vocabulary.
func idBits(_ vocabularySize: Int) -> Int {
  Int.bitWidth - max(1, vocabularySize - 1).leadingZeroBitCount
}
