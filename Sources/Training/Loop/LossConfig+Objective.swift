import Capture
import Losses
import Measuring
import Shards

extension LossConfig {
  /// The objective of a step.
  ///
  /// - Parameters:
  ///   - share: The teacher's share of an interpolated target in this step.
  ///   - codec: The codec of the teacher's stored targets; nil where none are stored.
  /// - Returns: The form of the teacher's term in this step.
  func objective(share: Double?, _ codec: CacheCodec?) -> Objective {
    var objective = Objective(divergence: divergence.divergence, rule: soft?.rule ?? .uniform)
    switch target {
    case .teacher: break
    case .corrected(let margin): objective.target = .corrected(margin: margin)
    case .interpolated: objective.target = .interpolated(share: share ?? 1)
    }
    if divergence.classes == .head, let codec {
      objective.classes = .head(above: codec.exactAbove ?? 0, resolution: codec.resolution)
    }
    return objective
  }

  /// Checks that a cache's targets can give this loss.
  ///
  /// Only what is linear in the teacher's probabilities is right on average from sparse targets
  /// (docs/design.md, "What sparse targets say"), and only at the temperature of the capture.
  ///
  /// - Throws: ``PreparationError/temperature(asked:cache:path:)`` or
  ///   ``PreparationError/sparseTargets(need:remedy:path:)``.
  func requireSupport(of codec: CacheCodec, path: String) throws(PreparationError) {
    if let temperature, temperature != codec.temperature {
      throw .temperature(asked: temperature, cache: codec.temperature, path: path)
    }
    guard codec.isSparse else { return }
    let whole = "build a cache with --codec dense, or give a live teacher"
    if case .interpolated = target {
      throw .sparseTargets(need: "taid's moving target", remedy: whole, path: path)
    }
    if soft?.rule.isDecoupled == true {
      throw .sparseTargets(need: "atkd's split of the divergence", remedy: whole, path: path)
    }
    try requireDivergence(codec, whole, path)
    try requireCorrection(codec, whole, path)
  }

  private func requireDivergence(
    _ codec: CacheCodec, _ whole: String, _ path: String
  ) throws(PreparationError) {
    guard divergence.divergence != .forwardKL else { return }
    let need = "a divergence other than forward_kl"
    guard divergence.classes == .head else {
      throw .sparseTargets(
        need: need, remedy: whole + ", or take a lower bound of it with classes: head", path: path)
    }
    guard codec.exactAbove == nil else { return }
    throw .sparseTargets(need: need + ", even of an exact head,", remedy: whole, path: path)
  }

  private func requireCorrection(
    _ codec: CacheCodec, _ whole: String, _ path: String
  ) throws(PreparationError) {
    guard case .corrected = target else { return }
    // Right on average, and exact where the teacher is sure.
    let isGiven = codec.isRandom && codec.exactAbove != nil && codec.temperature == 1
    guard isGiven, divergence.classes == .tokens else {
      throw .sparseTargets(
        need: "a corrected target",
        remedy: "build a cache with --codec threshold at temperature 1, or --codec dense",
        path: path)
    }
  }
}

extension TrainingData {
  /// The codec of the teacher's stored targets; nil where none are stored.
  var codec: CacheCodec? {
    switch self {
    case .cached(let reader), .mixed(let reader, live: _): reader.manifest.capture.codec
    case .cachedTokens, .text, .live: nil
    }
  }
}
