@testable import Base
@testable import Capture
import Foundation
@testable import Losses
import Models
import Shards
import Tensors
import TestRuns
import TestSupport
import Testing
import Text
@testable import Training

/// Whole runs with a live teacher: alone, beside a cache, with hidden states.
@Suite struct LiveRunTests {
  enum Kind: String, CaseIterable, Sendable { case live, tokens, mixed, features, matched }

  private static let feature =
    "[{kind: mse, weight: 0.3, student_layer: 1, teacher_layer: 1}, "
    + "{kind: cosine, weight: 0.2, student_layer: final, teacher_layer: final}]"

  /// A text run whose first model becomes the teacher, with a cache of its first sequences.
  private struct Setting {
    let run: TinyRun
    let teacher, cache: String

    init(in folder: URL, vocabulary: Int = 484) throws {
      run = try TinyRun(.text, in: folder)
      teacher = folder.path + "/teacher"
      cache = folder.path + "/cache"
      var config = Tiny.mixture(vocabulary: vocabulary)
      config.hiddenSize = 24
      let model = Models.Decoder(config, trainable: false)
      model.parameters.initialize(seed: 11)
      let path = Fixtures.url("tokenizers/llama3_style.json").path
      let tokenizer = try Tokenizer(contentsOf: path)
      try model.save(to: teacher, tokenizer: try SavedTokenizer(tokenizer))
      guard vocabulary == 484 else { return }
      let sequences = Tiny.sequences(5, vocabulary: 484, seed: 4)
      let capture = CaptureConfig(
        codec: .whole, vocabularySize: 484, sequenceLength: 12, seed: 2,
        teacher: .init(name: teacher, fingerprint: try Checkpoint.open(teacher).fingerprint),
        tokenizerSHA256: tokenizer.fingerprint, dataFingerprint: "random", bosAdded: false,
        eosAdded: false, arithmetic: CaptureConfig.arithmetic(.float32))
      _ = try CacheBuilder(teacher: model, sequences: sequences, capture: capture)
        .build(directory: URL(filePath: cache))
    }

    func config(
      _ kind: Kind, _ name: String, _ overrides: [String] = []
    ) throws -> RunConfig {
      var changes = ["loss={soft: {value: 0.7}}", "teacher=\(teacher)"]
      switch kind {
      case .live: break
      case .tokens: changes.append("data={cache: \(cache)}")
      case .mixed: changes.append("cache=\(cache)")
      case .features: changes.append("loss.features=\(LiveRunTests.feature)")
      case .matched:
        changes += ["cache=\(cache)", "data=", "loss.features=\(LiveRunTests.feature)"]
      }
      let root = try ConfigNode.parse(run.yaml(name), file: "run.yaml")
      return try RunConfig(root.applying(changes + overrides), kind: .distill)
    }

    func prepare(
      _ kind: Kind, _ name: String, _ overrides: [String] = []
    ) throws -> TrainingRun {
      try TrainingRun.prepare(
        try config(kind, name, overrides), version: "test", command: ["codistill"])
    }
  }

  @Test(arguments: Kind.allCases)
  func anInterruptedRunGoesOnBitForBit(kind: Kind) throws {
    try withTemporaryDirectory { folder in
      let setting = try Setting(in: folder)
      let outcome = try setting.prepare(kind, "whole").run()
      #expect(outcome.state.step == 10)
      let expected = try RunTrace(setting.run.output("whole"))
      let hasFeatures = expected.metrics.filter { $0.featureLoss != nil }.count
      #expect(hasFeatures == (kind == .features || kind == .matched ? 10 : 0))
      #expect(expected.metrics.filter { $0.softLoss != nil }.count == 10)
      for step in [2, 5] { try setting.prepare(kind, "parts").run(until: step) }
      _ = try setting.prepare(kind, "parts").run()
      let found = try RunTrace(setting.run.output("parts"))
      let isSame = found == expected
      #expect(isSame)
    }
  }

  /// Projections are no part of the model.
  @Test func theSavedModelIsAStudentAlone() throws {
    try withTemporaryDirectory { folder in
      let setting = try Setting(in: folder)
      let outcome = try setting.prepare(.features, "run").run()
      let model = try Checkpoint.open(try #require(outcome.model))
      _ = try Models.Decoder(model)
      #expect(model.config.hiddenSize == 16)
      let checkpoint = setting.run.output("run").appending(path: "checkpoints/step-000009")
      let file = try SafetensorsFile(path: checkpoint.path + "/features.safetensors")
      #expect(file.entry("projections")?.shape == [2 * 24 * 16])
    }
  }

  @Test func mixedDataVisitsEverySequenceOfBoth() throws {
    try withTemporaryDirectory { folder in
      let setting = try Setting(in: folder)
      let reader = try CacheReader(directory: URL(filePath: setting.cache))
      let live = Tiny.sequences(4, vocabulary: 484, seed: 9)
      let data = TrainingData.mixed(reader, live: live)
      #expect(data.count == 9)
      let order = DataOrder(count: data.count, seed: 1)
      let samples = try (0..<9).map { number in
        let visit = order.visit(number)
        return try data.sample(visit.sequence, epoch: visit.epoch)
      }
      #expect(samples.count { $0.isLive } == 4 && samples.count { $0.targets != nil } == 5)
      #expect(Set(samples.map(\.sequence.tokens)).count == 9)
      #expect(samples.filter(\.isLive).allSatisfy { live.contains($0.sequence) })
    }
  }

  @Test("case append-overlap: what cache and data share is trained on once, and said")
  func sharedDocumentsAreReadOnce() throws {
    try withTemporaryDirectory { folder in
      let setting = try Setting(in: folder)
      let clean = try setting.prepare(.mixed, "clean")
      #expect(!clean.notes.contains { $0.contains("left out") })
      let tokenizer = try Tokenizer(
        contentsOf: Fixtures.url("tokenizers/llama3_style.json").path)
      var capture = try CacheReader(directory: URL(filePath: setting.cache)).manifest.capture
      func cache(_ name: String, tokens: Int?) throws -> (path: String, documents: Int) {
        let data = try PackedData.load(
          paths: [folder.path + "/text.jsonl"], tokenizer: tokenizer, length: 12,
          tokenLimit: tokens)
        capture.dataFingerprint = data.fingerprint
        let cache = folder.appending(path: name)
        _ = try CacheBuilder(
          teacher: try Models.Decoder(Checkpoint.open(setting.teacher)),
          sequences: data.sequences, capture: capture
        ).build(directory: cache)
        return (cache.path, data.documentCount)
      }
      // The last document of a limit is cut.
      let (some, count) = try cache("some", tokens: 150)
      let run = try setting.prepare(.mixed, "run", ["cache=\(some)"])
      #expect(count > 5 && count < 30)
      let note = try #require(run.notes.first { $0.contains("left out") })
      #expect(
        note.contains("left out \(count - 1) documents") || note.contains("left out \(count) "))
      let (all, _) = try cache("all", tokens: nil)
      #expect(throws: DocumentError.nothingNew(documents: 30)) {
        _ = try setting.prepare(.mixed, "other", ["cache=\(all)"])
      }
    }
  }

  @Test func whatDoesNotFitIsRefused() throws {
    try withTemporaryDirectory { folder in
      let setting = try Setting(in: folder)
      let elsewhere = folder.appending(path: "other")
      try FileManager.default.createDirectory(at: elsewhere, withIntermediateDirectories: true)
      let other = try Setting(in: elsewhere, vocabulary: 480)
      #expect {
        _ = try setting.prepare(.live, "run", ["teacher=\(other.teacher)"])
      } throws: { error in
        guard case .teacherVocabulary(484, 480, _) = error as? PreparationError else {
          return false
        }
        return "\(error)".contains("model.vocab_size to 480")
      }
      #expect {
        _ = try setting.prepare(.live, "run", ["teacher=\(folder.path)/nothing"])
      } throws: { $0 is CheckpointError }
      let model = try Models.Decoder(Checkpoint.open(setting.teacher), trainable: false)
      model.parameters.withValues { $0[0] += 1 }
      let stranger = folder.path + "/stranger"
      let tokenizer = try Tokenizer(
        contentsOf: Fixtures.url("tokenizers/llama3_style.json").path)
      try model.save(to: stranger, tokenizer: try SavedTokenizer(tokenizer))
      #expect {
        _ = try setting.prepare(.mixed, "run", ["teacher=\(stranger)"])
      } throws: { error in
        if case .otherTeacher = error as? PreparationError { true } else { false }
      }
      #expect(throws: PreparationError.noMaturity(path: setting.cache)) {
        _ = try setting.prepare(.mixed, "run", ["loss.soft.maturity.power=1"])
      }
      #expect {
        _ = try setting.prepare(
          .features, "run",
          ["loss.features=[{kind: mse, weight: 1, student_layer: 9, teacher_layer: 1}]"])
      } throws: { $0 is FeatureError }
    }
  }

  /// Config keys that contradict each other.
  @Test(arguments: [
    (["teacher="], "add the teacher"), (["data="], "nothing to say"),
    (["cache=", "teacher="], "cache"), (["cache=", "data={paths: x}"], "sequence_length"),
    (["cache=", "loss.soft.maturity={}"], "maturity"), (["emit_cache.path=x"], "pretrain"),
  ])
  func contradictionsAreRefused(overrides: [String], word: String) throws {
    try withTemporaryDirectory { folder in
      let setting = try Setting(in: folder)
      #expect {
        _ = try setting.config(.mixed, "run", overrides)
      } throws: { error in
        error is ConfigError && "\(error)".contains(word)
      }
    }
  }
}
