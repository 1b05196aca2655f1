import Foundation
package import Tensors

/// The values that all layers of one forward pass share.
struct ForwardContext {
  let precision: Precision
  let rotary: RotaryTable
  /// The factor of each query in an unrotated layer, nil without temperature tuning.
  let temperatures: [Float]?
  /// The keys that each layer's queries see.
  let windows: [AttentionWindows]
  let cache: KeyValueCache?
  let trace: ForwardTrace?

  init(
    _ batch: TokenBatch, _ config: DecoderConfig, _ precision: Precision, cache: KeyValueCache?,
    trace: ForwardTrace?
  ) {
    self.precision = precision
    rotary = RotaryTable(
      positions: batch.positions, frequencies: config.rotaryFrequencies,
      interleaved: config.modelType.pairsNeighbours,
      magnitude: config.ropeScaling?.magnitude ?? 1)
    temperatures = config.attnTemperatureTuning ? config.temperatures(batch) : nil
    var known: [AttentionSpan: AttentionWindows] = [:]
    windows = (0..<config.numHiddenLayers).map { layer in
      let span = config.span(ofLayer: layer)
      let first = cache.map { span.firstKey(of: $0.count) }
      let windows = known[span] ?? batch.windows(span, firstKey: first)
      known[span] = windows
      return windows
    }
    self.cache = cache
    self.trace = trace
  }
}

extension DecoderConfig {
  /// `1 + attn_scale · ln(1 + ⌊(p + 1) / floor_scale⌋)` for every token (docs/llama4.md §2.3).
  fileprivate func temperatures(_ batch: TokenBatch) -> [Float] {
    batch.temperatureIndices.map { index in
      1 + attnScale * log(1 + Float((Int(index) + 1) / floorScale))
    }
  }
}

/// Collects what a forward pass computes on the way, for auxiliary losses and parity checks.
public final class ForwardTrace {
  /// The router logits (N, E) of each mixture layer.
  package private(set) var routerLogits: [Tensor] = []
  /// The number of tokens that each expert got, per mixture layer.
  package private(set) var assignments: [[Int]] = []
  /// The input of each layer and the final hidden states, if asked for.
  package private(set) var hiddenStates: [Tensor] = []
  private let keepsHiddenStates: Bool

  /// A trace that keeps hidden states only when asked: they hold much memory.
  package init(keepsHiddenStates: Bool = false) { self.keepsHiddenStates = keepsHiddenStates }

  func record(hidden: Tensor) {
    if keepsHiddenStates { hiddenStates.append(hidden) }
  }

  func record(router logits: Tensor, assignments counts: [Int]) {
    routerLogits.append(logits)
    assignments.append(counts)
  }
}
