/// The planes of whole distributions: see FORMAT.md, "Dense frames".
struct DenseCodec: Sendable {
  let vocabularySize: Int

  /// The bytes that a position takes in a payload.
  var bytesPerRecord: Int { 2 * vocabularySize + 12 }

  func sections(of targets: DenseTargets) throws(ShardError) -> [FrameSection] {
    guard targets.vocabularySize == vocabularySize else {
      throw .invalidSequence(
        reason: "its targets have \(targets.vocabularySize) ids, the cache \(vocabularySize)")
    }
    return [
      FrameSection("argmax", memory(targets.argmax)),
      FrameSection("entropy", memory(targets.entropy)),
      FrameSection("next_log_probability", memory(targets.nextLogProbability)),
      FrameSection("log_probabilities", memory(targets.logProbabilities)),
    ]
  }

  private func memory<T: BitwiseCopyable>(_ values: [T]) -> [UInt8] {
    var writer = ByteWriter()
    writer.appendMemory(values)
    return writer.bytes
  }

  func decode(_ reader: inout ByteReader, records: Int) throws(FrameProblem) -> DenseTargets {
    let argmax = try reader.memory(Int32.self, count: records)
    guard argmax.allSatisfy({ $0 >= 0 && $0 < vocabularySize }) else {
      throw FrameProblem(reason: "an argmax is out of range")
    }
    let entropy = try reader.memory(Float.self, count: records)
    let next = try reader.memory(Float.self, count: records)
    let logProbabilities = try reader.memory(Float16.self, count: records * vocabularySize)
    return DenseTargets(
      vocabularySize: vocabularySize, logProbabilities: logProbabilities, argmax: argmax,
      nextLogProbability: next, entropy: entropy)
  }
}
