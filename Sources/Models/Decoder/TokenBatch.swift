import Foundation
package import Tensors
public import Text

/// The tokens of one forward pass, laid end to end, and the place of each in its document.
///
/// There is no rectangle and no padding in training: documents follow one another, and a token sees
/// only its own. Rows of a left-padded batch are documents too, with pads in front that see nothing
/// but themselves.
public struct TokenBatch: Sendable {
  /// The token ids, N of them.
  public let tokens: [Int32]
  /// Each token's index within its document, from which its rotation angle comes.
  public let positions: [Int32]
  /// The row at which each token's document begins.
  let documentStarts: [Int32]
  /// The index that temperature tuning uses, the position unless parity asks for the slot.
  let temperatureIndices: [Int32]

  /// Whole documents, one after the other.
  public init(documents: [[Int32]]) {
    self.init(tokens: documents.flatMap { $0 }, lengths: documents.map(\.count))
  }

  /// The inputs of packed training sequences.
  public init(_ sequences: [PackedSequence]) {
    self.init(
      tokens: sequences.flatMap(\.inputs),
      lengths: sequences.flatMap { $0.fragments.map { $0 - 1 } })
  }

  /// Documents given by their lengths.
  public init(tokens: [Int32], lengths: [Int]) {
    precondition(lengths.reduce(0, +) == tokens.count, "lengths do not sum to the tokens")
    self.tokens = tokens
    var (positions, starts) = ([Int32](), [Int32]())
    for length in lengths {
      starts += Array(repeating: Int32(positions.count), count: length)
      positions += (0..<Int32(length))
    }
    self.positions = positions
    documentStarts = starts
    temperatureIndices = positions
  }

  /// Rows of equal length with `padding[b]` pads in front of row b.
  ///
  /// With `slotTemperature` the pads count in the temperature index, as transformers has it
  /// (docs/llama4.md §2.3); without, a row's logits are those it has without pads.
  public init(leftPadded rows: [[Int32]], padding: [Int], slotTemperature: Bool = false) {
    tokens = rows.flatMap { $0 }
    var (positions, starts, indices) = ([Int32](), [Int32](), [Int32]())
    for (row, pads) in zip(rows, padding) {
      let first = positions.count
      for slot in row.indices {
        let isPad = slot < pads
        positions.append(isPad ? 0 : Int32(slot - pads))
        starts.append(Int32(first + (isPad ? slot : pads)))
        indices.append(slotTemperature ? Int32(slot) : positions[first + slot])
      }
    }
    self.positions = positions
    documentStarts = starts
    temperatureIndices = indices
  }

  /// The next tokens of a text of which `seen` tokens have been given before.
  package init(continuing tokens: [Int32], seen: Int) {
    self.tokens = tokens
    positions = tokens.indices.map { Int32(seen + $0) }
    documentStarts = Array(repeating: Int32(-seen), count: tokens.count)
    temperatureIndices = positions
  }

  /// The keys that every token sees: its document up to itself, as far back as a span reaches.
  ///
  /// Keys are rows of this batch; with a cache, `firstKey` is the position of its first key.
  func windows(_ span: AttentionSpan, firstKey: Int? = nil) -> AttentionWindows {
    let shift = firstKey ?? 0
    let starts = tokens.indices.map { row -> Int32 in
      let within = span.firstKey(of: Int(positions[row]))
      let documentStart = firstKey == nil ? Int(documentStarts[row]) : 0
      return Int32(documentStart + within - shift)
    }
    let ends = tokens.indices.map { row in
      firstKey == nil ? Int32(row + 1) : positions[row] + 1 - Int32(shift)
    }
    return AttentionWindows(starts: starts, ends: ends)
  }
}

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
    _ batch: TokenBatch, _ config: DecoderConfig, _ frequencies: [Float], _ precision: Precision,
    cache: KeyValueCache?, trace: ForwardTrace?
  ) {
    self.precision = precision
    rotary = RotaryTable(
      positions: batch.positions, frequencies: frequencies,
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
