/// The walk over the numbers of a frame in their order, the same for writing and for reading.
///
/// Per record: the argmax, then the rows of the draws, the entropy, the token that follows and its
/// log-probability. What is known already chooses the tables: docs/format.md, "Sparse frames".
struct FrameWalk {
  let codec: SparseCodec
  let fragments: [Int]
  var memory: FrameMemory
  var row: FrameRow
  /// What a row's sets are looked up in: the last row with the same current token.
  var recall = 0..<0

  init(_ codec: SparseCodec, fragments: [Int]) {
    (self.codec, self.fragments) = (codec, fragments)
    memory = FrameMemory(
      vocabularySize: codec.tables.vocabularySize, records: fragments.reduce(0, +))
    row = FrameRow(mostEntries: codec.mostEntries * codec.draws + 2)
  }

  /// Codes the tokens and the draws of their rows.
  mutating func write<Coder: NumberCoder>(
    _ tokens: [Int32], _ draws: [SparseTargets], _ coder: inout Coder
  ) throws(FrameProblem) {
    var (index, record) = (0, 0)
    for fragment in fragments {
      try firstToken(tokens[index], &coder)
      for _ in 1..<fragment {
        try row.load(record, of: draws[0], codec)
        recall = memory.recall(tokens[index])
        try argmax(&coder, current: tokens[index])
        try entries(&coder)
        let (entropy, next) = codes(record, of: draws[0])
        self.entropy(entropy, &coder)
        try nextToken(tokens[index + 1], logProbability: next, &coder)
        for draw in draws.dropFirst() {
          try row.load(further: record, of: draw, codec)
          try furtherEntries(&coder)
        }
        keep(current: tokens[index], next: tokens[index + 1])
        index += 1
        record += 1
      }
      index += 1
    }
  }

  private func codes(_ record: Int, of targets: SparseTargets) -> (entropy: Int, next: Int) {
    let entropy = Double(targets.entropy[record])
    let next = Double(targets.nextLogProbability[record])
    return (
      RoundingGrids.code(ofEntropy: entropy.isNaN ? 0 : entropy, uniform: 0.5),
      RoundingGrids.code(ofLogProbability: next.isNaN ? 0 : next, uniform: 0.5)
    )
  }

  /// Reads the tokens and the draws of their rows.
  mutating func read(
    _ coder: inout EntropyReader
  ) throws(FrameProblem) -> (tokens: [Int32], draws: [SparseTargets]) {
    let isTruncated = if case .topk = codec.codec { true } else { false }
    var draws = (0..<codec.draws).map { _ in SparseTargets(isTruncated: isTruncated) }
    var tokens: [Int32] = []
    tokens.reserveCapacity(fragments.reduce(0, +))
    for fragment in fragments {
      var current = try firstToken(0, &coder)
      tokens.append(current)
      for _ in 1..<fragment {
        recall = memory.recall(current)
        row.clear()
        try argmax(&coder, current: current)
        try entries(&coder)
        let entropy = self.entropy(0, &coder)
        let (next, code) = try nextToken(0, logProbability: 0, &coder)
        for draw in draws.indices {
          if draw > 0 { try furtherEntries(&coder) }
          try row.append(
            to: &draws[draw], codec, next: RoundingGrids.logProbability(code),
            entropy: RoundingGrids.entropy(entropy))
        }
        keep(current: current, next: next)
        tokens.append(next)
        current = next
      }
    }
    return (tokens, draws)
  }

  /// Remembers the row, and the token that followed if the row did not have it.
  private mutating func keep(current: Int32, next: Int32) {
    row.withAllIDs { memory.append(row: $0, of: current) }
    if row.nextClass == 3 { memory.count(next) }
  }
}
