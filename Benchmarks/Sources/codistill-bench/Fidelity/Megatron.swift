import CZstdLimit
import Foundation
import Measuring
import Shards

/// Megatron-LM's cached logits (pull request 5019): the k largest entries and a ghost for the rest.
///
/// Log-probabilities in float16, the low 16 bits of their ids, the 17th bit as a byte; a whole
/// iteration, here of eight sequences, in one zstd frame of level 3. The tar's and the pickle's own
/// bytes come for free.
final class Megatron: Baseline {
  /// The largest vocabulary that it takes.
  static let largestVocabulary = 1 << 17

  let temperature = 1.0
  let readings = [TargetReading.bucket]
  let name: String
  private(set) var bytes = 0.0
  private(set) var positions = 0
  private let entries: Int
  private var values: [Float16] = []
  private var low: [UInt16] = []
  private var high: [UInt8] = []
  private var sequences = 0

  init(entries: Int) {
    self.entries = entries
    name = "Megatron-LM, k = \(entries)"
  }

  func begin(_ text: SequenceTokens) {}

  func estimates(_ row: ReferenceRow) -> [TargetEstimate] {
    positions += 1
    let ids = TopEntries.largest(entries, of: row.logits)
    let stored = ids.map { Float16(row.logProbability($0)) }
    values += stored
    low += ids.map { UInt16(truncatingIfNeeded: $0) }
    high += ids.map { UInt8(truncatingIfNeeded: $0 >> 16) }
    let restored = zip(ids, stored).map { (id: $0, value: Float(exp(Double($1)))) }
    let estimate = TargetEstimate(unordered: restored, argmax: ids.first ?? 0)
    return [estimate.completed { .asStudent(mass: $0) }]
  }

  func end() {
    sequences += 1
    if sequences % 8 == 0 { flush() }
  }

  /// Compresses what has come together.
  func flush() {
    var payload = values.withUnsafeBytes { Array($0) }
    payload += low.withUnsafeBytes { Array($0) }
    payload += high
    guard !payload.isEmpty else { return }
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(payload.count))
    bytes += Double(ZSTD_compress(&output, output.count, payload, payload.count, 3))
    values.removeAll(keepingCapacity: true)
    low.removeAll(keepingCapacity: true)
    high.removeAll(keepingCapacity: true)
  }
}
