/// The numbers of whole distributions: see docs/format.md, "Dense frames".
struct DenseCodec: Sendable {
  /// V, the number of token ids.
  let vocabularySize: Int

  /// The bytes that a position takes in a payload.
  var bytesPerRecord: Int { 2 * vocabularySize + 12 }

  /// The tokens and the targets, array after array.
  func encode(_ sequence: CachedSequence) throws(ShardError) -> [[UInt8]] {
    guard sequence.draws.count == 1, case .dense(let targets) = sequence.targets,
      targets.vocabularySize == vocabularySize
    else {
      throw .invalidSequence(
        reason: "its targets are not whole distributions over \(vocabularySize) ids")
    }
    return [
      memory(sequence.tokens), memory(targets.argmax), memory(targets.entropy),
      memory(targets.nextLogProbability), memory(targets.logProbabilities),
    ]
  }

  private func memory<T: BitwiseCopyable>(_ values: [T]) -> [UInt8] {
    var writer = ByteWriter()
    writer.appendMemory(values)
    return writer.bytes
  }

  /// The tokens and the targets of a payload from where they begin.
  func decode(
    _ reader: inout ByteReader, tokens tokenCount: Int, records: Int
  ) throws(FrameProblem) -> (tokens: [Int32], targets: DenseTargets) {
    let tokens = try reader.memory(Int32.self, count: tokenCount)
    let argmax = try reader.memory(Int32.self, count: records)
    guard argmax.allSatisfy({ $0 >= 0 && $0 < vocabularySize }) else {
      throw FrameProblem(reason: "an argmax is out of range")
    }
    let entropy = try reader.memory(Float.self, count: records)
    let next = try reader.memory(Float.self, count: records)
    let logProbabilities = try reader.memory(Float16.self, count: records * vocabularySize)
    let targets = DenseTargets(
      vocabularySize: vocabularySize, logProbabilities: logProbabilities, argmax: argmax,
      nextLogProbability: next, entropy: entropy)
    return (tokens, targets)
  }
}
