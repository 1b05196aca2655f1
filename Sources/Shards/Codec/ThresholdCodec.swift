/// The planes of threshold-sampled targets: see FORMAT.md, "Threshold frames".
struct ThresholdCodec: Sendable {
  let threshold: Double
  let vocabularySize: Int
  let ranks: FrequencyRanks
  let grids: RoundingGrids

  init(threshold: Double, ranks: FrequencyRanks) {
    self.threshold = threshold
    self.ranks = ranks
    vocabularySize = ranks.vocabularySize
    grids = RoundingGrids(vocabularySize: ranks.vocabularySize, threshold: threshold)
  }

  /// The value of a sampled entry.
  var sampledValue: Float { Float(threshold) }

  /// The most bytes that a position's entries can take in a payload.
  var maximumBytesPerRecord: Int { (Int(1 / threshold) + 4) * 6 + 24 }

  /// How many sampled entries the head's values leave room for.
  func predictedTailCount(_ codes: some Sequence<UInt8>) -> Int {
    // Floats on a grid of one binade span: their sum in a Double is exact, whatever the order.
    let mass = codes.reduce(0.0) { $0 + Double(grids.probabilities[Int($1)]) }
    return max(0, Int(((1 - mass) / threshold + 0.5).rounded(.down)))
  }

  /// The places of the head's entries, the largest value first, ties as they stand.
  static func byValue(_ codes: some RandomAccessCollection<UInt8>) -> [Int] {
    let codes = Array(codes)
    return codes.indices.sorted { (codes[$1], $0) < (codes[$0], $1) }
  }

  func sections(of targets: SparseTargets) throws(ShardError) -> [FrameSection] {
    var planes = Planes()
    for row in 0..<targets.count { try append(row, of: targets, to: &planes) }
    return FrameSection.integers("head_counts", planes.headCounts)
      + FrameSection.integers("head_ids", planes.headIDs)
      + [FrameSection("head_values", planes.headValues)]
      + FrameSection.integers("argmax", planes.argmax)
      + FrameSection.integers("tail_counts", planes.tailCounts)
      + FrameSection.integers("tail_ids", planes.tailIDs)
      + [FrameSection("entropy", planes.entropy)]
      + FrameSection.integers("next_log_probability", planes.next)
  }

  private struct Planes {
    var (headCounts, tailCounts, headIDs, tailIDs) = (
      [UInt32](), [UInt32](), [UInt32](), [UInt32]()
    )
    var (headValues, argmax, entropy, next) = ([UInt8](), [UInt32](), [UInt8](), [UInt32]())
  }

  private func append(
    _ row: Int, of targets: SparseTargets, to planes: inout Planes
  ) throws(ShardError) {
    let (head, tail) = try split(row, of: targets)
    let (id, entropy, next) = (
      targets.argmax[row], targets.entropy[row], targets.nextLogProbability[row]
    )
    guard id >= 0, id < vocabularySize, !entropy.isNaN, !next.isNaN,
      let argmax = head.firstIndex(where: { $0.rank == ranks.ranks[Int(id)] })
    else { throw offGrid(row) }
    let codes = head.map(\.code)
    planes.headCounts.append(UInt32(head.count - 1))
    planes.tailCounts.append(IntegerCode.zigzag(tail.count - predictedTailCount(codes)))
    planes.headIDs += gaps(head.map(\.rank))
    planes.tailIDs += gaps(tail)
    planes.headValues += codes
    planes.argmax.append(UInt32(Self.byValue(codes).firstIndex(of: argmax) ?? 0))
    planes.entropy.append(
      grids.code(ofEntropy: Double(entropy), uniform: 0.5))
    planes.next.append(
      UInt32(
        RoundingGrids.code(
          ofLogProbability: Double(next), uniform: 0.5)))
  }

  private struct HeadEntry {
    let rank: Int32
    let code: UInt8
  }

  /// The entries of a row by rank: those with a value of their own, and those worth τ.
  private func split(
    _ row: Int, of targets: SparseTargets
  ) throws(ShardError) -> (head: [HeadEntry], tail: [Int32]) {
    var (head, tail, previous) = ([HeadEntry](), [Int32](), Int32(-1))
    for entry in targets.entries(of: row) {
      let (id, value) = (targets.ids[entry], targets.values[entry])
      guard id > previous, id < vocabularySize else { throw offGrid(row) }
      previous = id
      if value == sampledValue, id != targets.argmax[row] {
        tail.append(ranks.ranks[Int(id)])
      } else if let code = grids.exactCode(value) {
        head.append(HeadEntry(rank: ranks.ranks[Int(id)], code: code))
      } else {
        throw offGrid(row)
      }
    }
    return (head.sorted { $0.rank < $1.rank }, tail.sorted())
  }

  private func offGrid(_ row: Int) -> ShardError {
    .invalidSequence(
      reason: "the targets at position \(row) are not those of a threshold sampler of this cache")
  }

  private func gaps(_ ascending: [Int32]) -> [UInt32] {
    var previous: Int32 = -1
    return ascending.map { rank in
      defer { previous = rank }
      return UInt32(rank - previous - 1)
    }
  }
}
