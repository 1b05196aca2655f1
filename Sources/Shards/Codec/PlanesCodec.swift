/// The planes of top-k and of drawn targets.
struct PlanesCodec: Sendable {
  let codec: CacheCodec
  let vocabularySize: Int

  init(_ codec: CacheCodec, vocabularySize: Int) {
    (self.codec, self.vocabularySize) = (codec, vocabularySize)
  }

  /// The most bytes that a position's entries can take in a payload.
  var maximumBytesPerRecord: Int {
    switch codec {
    case .topk(let entries, _): entries * 9 + 32
    case .sample(let samples, _): (samples + 1) * 9 + 32
    default: 0
    }
  }

  func sections(of targets: SparseTargets) throws(ShardError) -> [FrameSection] {
    var writer = ByteWriter()
    writer.appendMemory(targets.offsets)
    writer.appendMemory(targets.ids)
    writer.appendMemory(targets.values)
    writer.appendMemory(targets.argmax)
    writer.appendMemory(targets.nextLogProbability)
    writer.appendMemory(targets.entropy)
    return [FrameSection("targets", writer.bytes)]
  }

  func decode(_ reader: inout ByteReader, records: Int) throws(FrameProblem) -> SparseTargets {
    let offsets = try reader.memory(Int32.self, count: records + 1)
    let count = Int(offsets.last ?? 0)
    let ids = try reader.memory(Int32.self, count: count)
    let values = try reader.memory(Float.self, count: count)
    let argmax = try reader.memory(Int32.self, count: records)
    let next = try reader.memory(Float.self, count: records)
    let entropy = try reader.memory(Float.self, count: records)
    var targets = SparseTargets()
    if case .topk = codec { targets = SparseTargets(isTruncated: true) }
    for row in 0..<records {
      guard offsets[row] <= offsets[row + 1], offsets[row] >= 0, offsets[row + 1] <= count else {
        throw FrameProblem(reason: "its offsets do not ascend")
      }
      let entries = Int(offsets[row])..<Int(offsets[row + 1])
      targets.append(
        ids: ids[entries], values: values[entries], argmax: argmax[row],
        nextLogProbability: next[row], entropy: entropy[row])
    }
    return targets
  }
}
