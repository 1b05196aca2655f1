import Capture
import Foundation
import Models
import Shards
import Tensors
import Text

/// A teacher, real text, and the settings that it is cached under.
final class CachingWork {
  /// The teacher's shape.
  var config: DecoderConfig { teacher.config }
  private let teacher: Models.Decoder
  private let sequences: [PackedSequence]
  private let capture: CaptureConfig
  private let batch: Int
  private let folder: URL
  private var steps = 0

  /// A loaded teacher, and text for sixteen steps; then the text begins again.
  init(
    _ teacher: Models.Decoder, _ checkpoint: Checkpoint, data: String, batch: Int, length: Int,
    threshold: Double, folder: URL
  ) throws {
    guard let tokenizer = try checkpoint.tokenizer() else {
      throw BenchError.noTokenizer(path: checkpoint.path)
    }
    let packed = try PackedData.load(
      paths: [data], tokenizer: tokenizer, length: length, tokenLimit: 16 * batch * length)
    guard packed.sequences.count >= batch else {
      throw BenchError.tooFewSequences(path: data, found: packed.sequences.count, needed: batch)
    }
    sequences = packed.sequences
    capture = CaptureConfig(
      codec: .threshold(threshold: threshold, temperature: 1),
      vocabularySize: checkpoint.config.vocabSize, sequenceLength: length, seed: 1,
      teacher: CaptureConfig.Teacher(name: checkpoint.path, fingerprint: checkpoint.fingerprint),
      tokenizerSHA256: tokenizer.fingerprint, dataFingerprint: packed.fingerprint,
      bosAdded: false, eosAdded: false, arithmetic: CaptureConfig.arithmetic(teacher.precision))
    (self.teacher, self.batch, self.folder) = (teacher, batch, folder)
  }

  /// One capture into a fresh folder, from the first product to the synchronized manifest.
  func step() throws -> Measurement {
    let chosen = (0..<batch).map { sequences[(steps * batch + $0) % sequences.count] }
    let cache = folder.appending(component: "cache-\(steps)")
    steps += 1
    let time = try seconds {
      _ = try CacheBuilder(teacher: teacher, sequences: chosen, capture: capture)
        .build(directory: cache)
    }
    try FileManager.default.removeItem(at: cache)
    return Measurement(
      seconds: time, tokens: chosen.reduce(0) { $0 + $1.predictionCount },
      flops: OperationCount(config, chosen).forward)
  }
}
