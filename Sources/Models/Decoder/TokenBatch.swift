import Tensors
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
  init(continuing tokens: [Int32], seen: Int) {
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
