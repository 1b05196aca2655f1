import Base
package import Tensors

/// The logits of a batch whose projection onto the vocabulary is read block by block.
///
/// All blocks are read anew for every group of units. A group's logits take about the memory of a
/// layer: it has at least one unit a thread, and at most one of each sequence.
package struct StreamedLogits {
  private struct Unit {
    let sequence: Int
    let rows: Range<Int>
  }

  private let decoder: StreamedDecoder
  private let hidden: [Tensor]
  private let vocabulary: Int
  private let blocks: [Range<Int>]

  /// The logits of the hidden states (N, D) of some sequences.
  package init(_ decoder: StreamedDecoder, _ hidden: [Tensor]) {
    self.decoder = decoder
    self.hidden = hidden
    vocabulary = decoder.config.vocabSize
    blocks = LogitUnit.blocks(vocabulary: vocabulary, width: decoder.config.hiddenSize)
  }

  /// The most sequences that are worked on at once.
  package var slotCount: Int { groups.map(\.count).max() ?? 1 }

  /// Gives the logits (V) of each prediction of each sequence to `body`, on all threads.
  ///
  /// Those of one sequence come in order, and never two at once; no more do those of one slot.
  package func forEachRow(
    _ body: (_ slot: Int, _ sequence: Int, UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let groups = groups
    let logits = (0..<slotCount).map { _ in LogitUnit(vocabulary: vocabulary) }
    for group in groups {
      try multiply(group, into: logits)
      _ = try Parallel.map(group.count) { slot in
        let unit = group[group.startIndex + slot]
        try logits[slot].forEachRow(unit.rows.count) { try body(slot, unit.sequence, $0) }
      }
    }
  }

  /// The units of all sequences, the first of each first.
  private var groups: [ArraySlice<Unit>] {
    let units = hidden.map { LogitUnit.units(of: $0.rows) }
    let bytes = max(128 << 20, 4 * decoder.largestPart)
    let fitting = max(Parallel.threadCount, bytes / LogitUnit.bytes(vocabulary: vocabulary))
    return (0..<(units.map(\.count).max() ?? 0)).flatMap { round in
      let turn = units.indices.filter { units[$0].count > round }.map {
        Unit(sequence: $0, rows: units[$0][round])
      }
      return stride(from: 0, to: turn.count, by: fitting).map { turn[$0...].prefix(fitting) }
    }
  }

  private func multiply(_ group: ArraySlice<Unit>, into logits: [LogitUnit]) throws {
    for block in blocks {
      let weight = try decoder.output(rows: block)
      let projections = group.map {
        VocabularyProjection(
          hidden: hidden[$0.sequence], weight: weight, firstColumn: block.lowerBound,
          precision: decoder.precision)
      }
      Parallel.forEach(group.count) { index in
        logits[index].fill(
          block, rows: group[group.startIndex + index].rows, projections[index])
      }
    }
  }
}
