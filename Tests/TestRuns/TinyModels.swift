import Base
package import Capture
package import Foundation
package import Models
package import Shards
import Tensors
import TestSupport
package import Text

/// The tiny checkpoints under `Tests/Fixtures/golden`, and models as small as they.
package enum Tiny {
  /// The vocabulary of the golden Llamas.
  package static let vocabulary = 120

  package static func path(_ name: String) -> String { Fixtures.url("golden/\(name)").path }

  package static func checkpoint(_ name: String) throws -> Checkpoint {
    try Checkpoint.open(path(name))
  }

  package static func decoder(_ name: String, trainable: Bool = false) throws -> Models.Decoder {
    try Models.Decoder(checkpoint(name), trainable: trainable)
  }

  /// A Llama 4 of two layers, the second a mixture of two experts, with an output of its own.
  package static func mixture(vocabulary: Int = Tiny.vocabulary) -> DecoderConfig {
    var config = DecoderConfig(
      modelType: .llama4Text, vocabSize: vocabulary, hiddenSize: 16, intermediateSize: 12,
      numHiddenLayers: 2, numAttentionHeads: 2, numKeyValueHeads: 1, headDim: 8)
    config.moeLayers = [1]
    config.numLocalExperts = 2
    config.initializerRange = 0.2
    return config
  }

  /// A trainable model with drawn weights.
  package static func student(_ config: DecoderConfig = mixture(), seed: UInt64 = 1)
    -> Models.Decoder
  {
    let decoder = Models.Decoder(config, trainable: true)
    decoder.parameters.initialize(seed: seed)
    return decoder
  }

  /// Sequences of one to three documents of random tokens; every third one with a mask.
  package static func sequences(
    _ count: Int, predictions: Int = 12, vocabulary: Int = Tiny.vocabulary, seed: UInt64 = 1
  ) -> [PackedSequence] {
    (0..<count).map { index in
      var generator = SplitMix64(seed: seed, name: "sequence \(index)")
      let fragments = fragments(index % 3 + 1, predictions: predictions)
      let tokens = (0..<fragments.reduce(0, +)).map { _ in
        Int32.random(in: 0..<Int32(vocabulary), using: &generator)
      }
      let mask = (0..<predictions).map { $0 == 0 || Bool.random(using: &generator) }
      return PackedSequence(
        tokens: tokens, fragments: fragments, lossMask: index % 3 == 2 ? mask : nil)
    }
  }

  private static func fragments(_ count: Int, predictions: Int) -> [Int] {
    let each = predictions / count
    return (0..<count).map { $0 == 0 ? predictions - each * (count - 1) + 1 : each + 1 }
  }
}

extension CacheCodec {
  package static let sparse = CacheCodec.threshold(threshold: 0.05, temperature: 1)
  package static let whole = CacheCodec.dense(temperature: 1)
}

/// A cache of some sequences under a tiny teacher.
package struct TinyCache {
  package let teacher: String
  package let codec: CacheCodec
  package let sequencesPerShard: Int
  package static let seed: UInt64 = 7

  package init(
    teacher: String = "llama_tied", codec: CacheCodec = .sparse, sequencesPerShard: Int = 4
  ) {
    self.teacher = teacher
    self.codec = codec
    self.sequencesPerShard = sequencesPerShard
  }

  package var capture: CaptureConfig {
    CaptureConfig(
      codec: codec, vocabularySize: Tiny.vocabulary, sequenceLength: 64,
      sequencesPerShard: sequencesPerShard, seed: Self.seed,
      teacher: CaptureConfig.Teacher(name: Tiny.path(teacher), fingerprint: "tiny"),
      tokenizerSHA256: String(repeating: "0", count: 64), dataFingerprint: "random",
      bosAdded: false, eosAdded: false,
      arithmetic: CaptureConfig.arithmetic(.float32))
  }

  package func builder(_ sequences: [PackedSequence]) throws -> CacheBuilder {
    CacheBuilder(teacher: try Tiny.decoder(teacher), sequences: sequences, capture: capture)
  }

  /// Writes the cache and opens it.
  @discardableResult
  package func build(_ sequences: [PackedSequence], in folder: URL) throws -> CacheReader {
    _ = try builder(sequences).build(directory: folder)
    return try CacheReader(directory: folder)
  }
}
