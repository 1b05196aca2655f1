import Foundation

/// Turns log-probabilities that were computed elsewhere into the targets of a `topk` cache.
///
/// Values are rounded as a teacher's own are. Of the tokens that are not given only the mass is
/// known, so the entropy is that of k + 1 classes, they being one: a lower bound of the true one.
package struct ImportedTargetSampler: Sendable {
  private let entries: Int
  private let random: AddressedRandom

  /// A sampler; throws `invalidSetting` for parameters out of range.
  package init(entries: Int, vocabularySize: Int, seed: UInt64) throws(ShardError) {
    try CacheCodec.topk(entries: entries, temperature: 1).validate()
    try ShardError.check(vocabularySize: vocabularySize)
    self.entries = min(entries, vocabularySize)
    random = AddressedRandom(seed: seed)
  }

  /// Targets without rows.
  package var noTargets: SparseTargets { SparseTargets(isTruncated: true) }

  /// Adds a row of the k most probable of some tokens.
  ///
  /// - Parameters:
  ///   - ids: the tokens, the most probable first, at least one, none twice.
  ///   - logProbabilities: theirs in nats, at most 0.
  ///   - nextLogProbability: that of the token that truly follows.
  ///   - sequence: the sequence's identity.
  ///   - position: the record within the sequence.
  ///   - targets: where the row goes.
  package func append(
    ids: [Int32], logProbabilities: [Double], nextLogProbability: Double, sequence: UInt64,
    position: Int, to targets: inout SparseTargets
  ) {
    precondition(!ids.isEmpty && ids.count == logProbabilities.count, "an entry is id and value")
    let place = Place(random: random, sequence: sequence, position: position)
    let kept = zip(ids, logProbabilities).prefix(entries).sorted { $0.0 < $1.0 }
    let values = TruncatedRow.values(
      kept.map { exp($0.1) }, argmax: kept.firstIndex { $0.0 == ids[0] } ?? 0
    ) { place.uniform(.valueRounding, Int(kept[$0].0)) }
    targets.append(
      zip(kept.map(\.0), values).map { ($0, $1) }, argmax: ids[0],
      entropy: Self.entropy(kept.map(\.1)), nextLogProbability: nextLogProbability, place)
  }

  /// The entropy of the kept tokens and of the class of all others, in nats.
  static func entropy(_ logProbabilities: [Double]) -> Double {
    let tail = max(0, 1 - logProbabilities.reduce(0) { $0 + exp($1) })
    return logProbabilities.reduce(tail > 0 ? -tail * log(tail) : 0) { $0 - exp($1) * $1 }
  }
}
