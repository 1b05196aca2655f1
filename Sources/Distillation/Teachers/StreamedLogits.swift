import Models
import Shards
import Tensors

/// The logits of a batch whose projection onto the vocabulary is read block by block.
///
/// All blocks are read anew for every group of units. A group's logits take about the memory of a
/// layer: it has at least one unit a thread, and at most one of each sequence.
struct StreamedLogits {
  private struct Unit {
    let sequence: Int
    let rows: Range<Int>
  }

  private let decoder: StreamedDecoder
  private let hidden: [Tensor]
  private let vocabulary: Int
  private let blocks: [Range<Int>]

  /// The logits of the hidden states (N, D) of some sequences.
  init(_ decoder: StreamedDecoder, _ hidden: [Tensor]) {
    (self.decoder, self.hidden) = (decoder, hidden)
    vocabulary = decoder.config.vocabSize
    blocks = LogitUnit.blocks(vocabulary: vocabulary, width: decoder.config.hiddenSize)
  }

  /// Adds the targets of all rows of each sequence.
  func fill(_ targets: inout [TargetRows], maker: TargetMaker) throws {
    let groups = groups
    let count = groups.map(\.count).max() ?? 0
    let logits = (0..<count).map { _ in LogitUnit(vocabulary: vocabulary) }
    var makers = Array(repeating: maker, count: count)
    for group in groups {
      try multiply(group, into: logits)
      try sample(group, logits, &makers, &targets)
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
      weight.withValues { weight in
        guard let weight = weight.baseAddress else { return }
        Parallel.forEach(group.count) { index in
          let unit = group[group.startIndex + index]
          logits[index].fill(
            block, hidden: hidden[unit.sequence], rows: unit.rows, weight: weight,
            precision: decoder.precision)
        }
      }
    }
  }

  private func sample(
    _ group: ArraySlice<Unit>, _ logits: [LogitUnit], _ makers: inout [TargetMaker],
    _ targets: inout [TargetRows]
  ) throws {
    try makers.withUnsafeMutableBufferPointer { makers in
      try targets.withUnsafeMutableBufferPointer { targets in
        _ = try Parallel.map(group.count) { index in
          let unit = group[group.startIndex + index]
          try logits[index].forEachRow(unit.rows.count) { row throws(ShardError) in
            try makers[index].append(row, to: &targets[unit.sequence])
          }
        }
      }
    }
  }
}
