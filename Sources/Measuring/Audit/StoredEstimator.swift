import Foundation
import Shards

/// The targets that a cache really holds, at its own temperature or bent to another one.
final class StoredEstimator: TargetEstimator {
  let temperature: Double
  let readings: [TargetReading]
  private let captureTemperature: Double
  private let sequences: [UInt64: SparseTargets]
  private var targets = SparseTargets()

  /// The targets of some sequences, by their identities.
  init(_ sequences: [CachedSequence], codec: CacheCodec, temperature: Double) {
    self.temperature = temperature
    captureTemperature = codec.temperature
    var found: [UInt64: SparseTargets] = [:]
    var isTruncated = false
    for sequence in sequences {
      guard case .sparse(let targets) = sequence.targets else { continue }
      found[sequence.identity] = targets
      isTruncated = targets.isTruncated
    }
    self.sequences = found
    let own: [TargetReading] = isTruncated ? [.bucket, .renormalized] : [.stored]
    readings = temperature == captureTemperature ? own : [.softened]
  }

  func begin(_ text: SequenceTokens) { targets = sequences[text.identity] ?? SparseTargets() }

  func estimates(_ row: ReferenceRow) -> [TargetEstimate] {
    let estimate = TargetEstimate(targets, row: row.position)
    return readings.map { $0 == .softened ? softened(estimate) : estimate.read($0) }
  }

  func end() {}

  /// t^(capture's T / T), renormalised.
  private func softened(_ estimate: TargetEstimate) -> TargetEstimate {
    var result = estimate
    let power = Float(captureTemperature / temperature)
    result.values = estimate.values.map { pow($0, power) }
    result.entropy = nil
    return result.renormalized()
  }
}

/// The tokens that truly follow, as targets: what training without a teacher has.
final class LabelEstimator: TargetEstimator {
  let temperature: Double
  let readings = [TargetReading.stored]

  init(temperature: Double) { self.temperature = temperature }

  func begin(_ text: SequenceTokens) {}
  func end() {}

  func estimates(_ row: ReferenceRow) -> [TargetEstimate] {
    [TargetEstimate(ids: [row.nextToken], values: [1], argmax: row.nextToken)]
  }
}
