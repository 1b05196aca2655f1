import Base
package import Models
package import Shards
import Tensors

/// The memory of whole pieces of work, in bytes, beside what the program takes at rest.
extension MemoryNeed {
  /// The tables of a cache while they are counted, about.
  private static let tables = 32 << 20
  /// The rows of a tile of attention's scores.
  private static let tileRows = 64

  /// A training: weights, gradients and moments, the activations of a step, the samples that are
  /// read ahead, and a live teacher with its pass.
  package static func training(
    _ student: DecoderConfig, teacher: DecoderConfig?, sequenceLength: Int,
    _ training: TrainingConfig
  ) -> Int {
    let batch = training.batchSize * sequenceLength
    let asked = teacher.map { weights($0) + forward($0, tokens: batch) + units($0) } ?? 0
    return trainingStateBytes(student) + activationBytes(student, batchTokens: batch)
      + StepBatches.bytes(training, sequenceLength: sequenceLength) + asked
  }

  /// An evaluation of models side by side on so many windows, of which each thread has one.
  package static func evaluation(
    _ models: [DecoderConfig], window: Int, at windows: Int
  ) -> Int {
    let threads = min(Parallel.threadCount, max(windows, 1))
    // Windows differ in length, and what one leaves may not suit the next.
    return models.reduce(tiles(keys: window)) {
      let pass = forward($1, tokens: window) / 3 * 4 + 4 * tileRows * $1.vocabSize
      return $0 + weights($1) + threads * pass
    }
  }

  /// A continuation of a prompt by up to so many tokens.
  package static func generation(_ config: DecoderConfig, prompt: Int, limit: Int) -> Int {
    weights(config) + forward(config, tokens: prompt) + tiles(keys: prompt + limit)
      + cacheBytes(config, context: prompt + limit, bytesPerNumber: 4)
      + cacheBytesPerToken(config, bytesPerNumber: 4) * prompt + 24 * config.vocabSize
  }

  /// The logits of all of some tokens.
  package static func logits(_ config: DecoderConfig, tokens: Int) -> Int {
    weights(config) + forward(config, tokens: tokens) + tiles(keys: tokens)
      + 4 * tokens * config.vocabSize
  }

  /// A capture of sequences of a length, beside the teacher's weights: a pass, logits and targets
  /// on every thread, and the answers that wait for their frames.
  package static func capture(
    _ teacher: DecoderConfig, length: Int, codec: CacheCodec, draws: Int
  ) -> Int {
    let batch = 4 * Parallel.threadCount * length
    let calibration = codec.isSparse ? CodingTables.calibrationRecords : 0
    return tables + Parallel.threadCount * forward(teacher, tokens: length) + units(teacher)
      + tiles(keys: length)
      + bounded(batch + calibration, codec.rowBytes(vocabularySize: teacher.vocabSize) * draws)
  }

  /// The logits that the threads have at a time.
  private static func units(_ config: DecoderConfig) -> Int {
    Parallel.threadCount * LogitUnit.bytes(vocabulary: config.vocabSize)
  }

  /// The scores that the threads have at a time; tiles have many sizes, of which the pool keeps
  /// some.
  private static func tiles(keys: Int) -> Int { 8 * Parallel.threadCount * tileRows * keys }
}
