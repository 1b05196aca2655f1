@testable import Capture
import Foundation
import Models
import Shards
import Tensors
import TestRuns
import TestSupport
import Testing
import Text

/// A teacher that runs from its file says the same, bit for bit, as one in memory.
@Suite struct StreamedTeacherTests {
  /// The bytes of a cache of a checkpoint's answers.
  private func cache(
    _ checkpoint: Checkpoint, streamed: Bool, _ sequences: [PackedSequence],
    codec: CacheCodec = .sparse, precision: Precision = .float32, in folder: URL
  ) throws -> [String: Data] {
    var capture = TinyCache(codec: codec).capture
    capture.vocabularySize = checkpoint.config.vocabSize
    capture.sequenceLength = 300
    let teacher: Teacher
    if streamed {
      var decoder = try StreamedDecoder(checkpoint)
      decoder.precision = precision
      teacher = .streamed(decoder)
    } else {
      var decoder = try Models.Decoder(checkpoint)
      decoder.precision = precision
      teacher = .resident(decoder)
    }
    let output = folder.appending(path: UUID().uuidString)
    _ = try CacheBuilder(teacher: teacher, sequences: sequences, capture: capture)
      .build(directory: output)
    return try contents(of: output)
  }

  private func expectSameBytes(
    _ checkpoint: Checkpoint, _ sequences: [PackedSequence], codec: CacheCodec = .sparse,
    precision: Precision = .float32
  ) throws {
    try withTemporaryDirectory { folder in
      let bytes = try [false, true].map {
        try cache(
          checkpoint, streamed: $0, sequences, codec: codec, precision: precision, in: folder)
      }
      #expect(bytes[0].count > 3)
      #expect(bytes[0] == bytes[1])
    }
  }

  @Test(
    arguments: [
      "llama_tied", "llama3_scaled", "text_top2_tied", "scout_like", "maverick_like",
    ], [CacheCodec.sparse, .whole])
  func aCacheHasTheSameBytes(model: String, codec: CacheCodec) throws {
    try expectSameBytes(
      Tiny.checkpoint(model), Tiny.sequences(9, predictions: 40), codec: codec)
  }

  /// Units of 128 rows: sequences of three, two and one of them, and a rest.
  @Test func sequencesOfDifferentLengths() throws {
    let sequences = [300, 7, 256, 129, 128, 1].enumerated().map { index, predictions in
      Tiny.sequences(1, predictions: predictions, seed: UInt64(index))[0]
    }
    try expectSameBytes(Tiny.checkpoint("text_top2_tied"), sequences)
  }

  @Test func aQuantizedFile() throws {
    let checkpoint = try Checkpoint.open(Fixtures.url("checkpoints/tiny_llama.gguf").path)
    let vocabulary = checkpoint.config.vocabSize
    try expectSameBytes(
      checkpoint, Tiny.sequences(5, predictions: 20, vocabulary: vocabulary), codec: .whole)
  }

  @Test(.enabled(if: Precision.bfloat16.isSupported))
  func productsInBfloat16() throws {
    try expectSameBytes(
      Tiny.checkpoint("scout_like"), Tiny.sequences(5, predictions: 40), precision: .bfloat16)
  }

  /// A projection of more than one block, of which not all have the same size.
  @Test(arguments: [true, false])
  func aWideVocabulary(tied: Bool) throws {
    var config = Tiny.mixture(vocabulary: 9000)
    (config.hiddenSize, config.tieWordEmbeddings) = (512, tied)
    try withTemporaryDirectory { folder in
      let path = folder.appending(path: "model").path
      try Tiny.student(config).save(to: path)
      try expectSameBytes(
        try Checkpoint.open(path), Tiny.sequences(3, predictions: 12, vocabulary: 9000))
    }
  }

  @Test func anyNumberOfThreadsGivesTheSameBytes() throws {
    let sequences = Tiny.sequences(7, predictions: 150)
    try withTemporaryDirectory { folder in
      let bytes = try (1...3).map { threads in
        try withThreadCount(threads) {
          try cache(
            Tiny.checkpoint("maverick_like"), streamed: true, sequences, in: folder)
        }
      }
      #expect(bytes[1] == bytes[0])
      #expect(bytes[2] == bytes[0])
    }
  }

  @Test func theHiddenStatesHaveTheSameBits() throws {
    let checkpoint = try Tiny.checkpoint("maverick_like")
    let texts = Tiny.sequences(3, predictions: 30).map { TokenBatch([$0]) }
    let resident = try Models.Decoder(checkpoint)
    let hidden = try StreamedDecoder(checkpoint)(texts)
    for (text, streamed) in zip(texts, hidden) { #expect(streamed.array == resident(text).array) }
  }

  /// What does not fit is noticed before anything runs.
  @Test func aLackingWeightIsAnErrorAtOnce() throws {
    var config = Tiny.mixture()
    config.tieWordEmbeddings = true
    try withTemporaryDirectory { folder in
      let path = folder.appending(path: "model").path
      try Tiny.student(config).save(to: path)
      var json = try String(contentsOfFile: path + "/config.json", encoding: .utf8)
      json.replace(/("tie_word_embeddings" ?: )true/, with: { "\($0.1)false" })
      try json.write(toFile: path + "/config.json", atomically: true, encoding: .utf8)
      #expect(throws: CheckpointError.missingTensor(path: path, name: "lm_head.weight")) {
        try StreamedDecoder(try Checkpoint.open(path))
      }
    }
  }

  @Test("case nan-model: a weight that is no number is an error of the layer that is read")
  func weightsThatAreNoNumbersAreAnError() throws {
    try withTemporaryDirectory { folder in
      let student = Tiny.student()
      student.parameters.withValues { $0[7] = .nan }
      let path = folder.appending(path: "model").path
      try student.save(to: path)
      let runner = TeacherRunner(
        teacher: .streamed(try StreamedDecoder(try Checkpoint.open(path))), codec: .sparse,
        seed: 1)
      let error = #expect(throws: CheckpointError.self) {
        try runner.targets(PackedSequence(tokens: [0, 1, 2], fragments: [3]), identity: 1)
      }
      let words = "model.embed_tokens.weight holds nan at element 7"
      #expect(error.map { "\($0)".contains(words) } == true)
    }
  }

  @Test func aTokenThatTheTeacherLacksIsAnError() throws {
    let runner = TeacherRunner(
      teacher: .streamed(try StreamedDecoder(Tiny.checkpoint("llama_tied"))), codec: .sparse,
      seed: 1)
    #expect(throws: ShardError.self) {
      try runner.targets(PackedSequence(tokens: [1, 120, 2], fragments: [3]), identity: 1)
    }
  }
}
