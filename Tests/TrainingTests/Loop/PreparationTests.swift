@testable import Base
@testable import Capture
import Foundation
@testable import Measuring
import Models
import TestRuns
import TestSupport
import Testing
import Text
@testable import Training

/// What does not belong together is refused before the first step.
@Suite struct PreparationTests {
  private static let tokenizer = Fixtures.url("tokenizers/llama3_style.json").path

  /// Prepares a distillation with some overrides.
  private func prepare(_ overrides: [String], kind: TinyRun.Kind = .distill) throws {
    try withTemporaryDirectory { folder in
      _ = try TinyRun(kind, in: folder).prepare("run", overrides: overrides)
    }
  }

  /// Seven sequences, four a step: four passes are seven steps, a tenth of a pass is the least, one.
  @Test(arguments: [("4", 7), ("0.1", 1), ("1", 2), ("2.5", 4)])
  func epochsAreStepsOverTheData(epochs: String, steps: Int) throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let passes = ["training.steps=", "training.epochs=\(epochs)", "training.warmup_steps=1"]
      do {
        let counted = try run.prepare("epochs", overrides: passes)
        #expect(counted.totalSteps == steps)
        #expect(try counted.run().state.step == steps)
      }
      // The folder says the steps, and the same config goes on with it.
      #expect(try run.prepare("epochs", overrides: passes).isFinished)
      let same = ["training.steps=\(steps)", "training.warmup_steps=1"]
      _ = try run.prepare("steps", overrides: same).run()
      let traces = try (RunTrace(run.output("epochs")), RunTrace(run.output("steps")))
      let isSame = traces.0.weights == traces.1.weights
      #expect(isSame)
    }
  }

  @Test func epochsTooShortForTheWarmUpAreRefused() {
    #expect {
      try prepare(["training.steps=", "training.epochs=0.1", "training.warmup_steps=2"])
    } throws: { "\($0)".contains("training.epochs comes to 1 steps, fewer than warmup_steps") }
  }

  @Test(arguments: [
    (["training.epochs=2"], "give steps or epochs, not both"),
    (["training.steps="], "steps"), (["training.steps=", "training.epochs=0"], "above 0"),
    (
      ["training.steps=", "training.epochs=1", "training.batch_size=1000000"]
        + ["training.gradient_accumulation_steps=1000000"], "is over 10000000000 sequences"
    ),
    (["training.steps=", "training.epochs=2000000"], "at most 1000000 epochs"),
  ])
  func epochsThatMakeNoRunAreRefused(overrides: [String], words: String) {
    #expect {
      try prepare(overrides + ["training.warmup_steps=0"])
    } throws: { "\($0)".contains(words) }
  }

  @Test func aStudentOfAnotherVocabularyIsRefused() {
    #expect {
      try prepare(["model.vocab_size=121"])
    } throws: { error in
      guard case .vocabulary(121, 120, let path) = error as? PreparationError else { return false }
      return path.hasSuffix("/cache")
    }
  }

  @Test func aHeldOutCacheOfAnotherVocabularyIsRefused() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let text = try TinyRun(.text, in: folder)
      #expect {
        _ = try text.prepare(
          "run", overrides: ["evaluation.data={cache: \(run.folder.path)/held}"])
      } throws: { error in
        guard case .vocabulary(484, 120, let path) = error as? PreparationError else {
          return false
        }
        return path.hasSuffix("/held")
      }
    }
  }

  /// What the files of the model say that a run of one step with these overrides saves.
  private func saved(
    _ overrides: [String], kind: TinyRun.Kind = .text
  ) throws -> (config: NSDictionary, tokenizer: NSDictionary?) {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(kind, in: folder)
      let outcome = try run.prepare(
        "run", overrides: overrides + ["training.steps=1", "training.warmup_steps=0"]
      ).run()
      func read(_ name: String) throws -> NSDictionary? {
        let file = try #require(outcome.model) + "/" + name
        guard let bytes = FileManager.default.contents(atPath: file) else { return nil }
        return try JSONSerialization.jsonObject(with: bytes) as? NSDictionary
      }
      let config = try #require(try read("config.json"))
      let generation = try #require(try read("generation_config.json"))
      for key in ["bos_token_id", "eos_token_id", "pad_token_id"] {
        #expect(config[key] as? NSObject == generation[key] as? NSObject)
      }
      return (config, try read("tokenizer_config.json"))
    }
  }

  @Test(
    "case eos-ids: a student's special tokens are the config's, else its tokenizer's, else none")
  func specialTokensOfStudents() throws {
    let own = try saved(["data.eos=true", "data.bos=true"])
    #expect(own.config["bos_token_id"] as? Int == 480)
    #expect(own.config["eos_token_id"] as? Int == 482)
    #expect(own.tokenizer?["bos_token"] as? String == "<|begin_of_text|>")
    #expect(own.tokenizer?["eos_token"] as? String == "<|im_end|>")
    let named = try saved(["model.eos_token_id=[481, 482]", "model.bos_token_id=null"])
    #expect(named.config["eos_token_id"] as? [Int] == [481, 482])
    #expect(named.config["bos_token_id"] is NSNull)
    #expect(named.tokenizer?["eos_token"] as? String == "<|im_end|>")
    #expect(named.tokenizer?["bos_token"] is NSNull)
    let none = try saved([], kind: .cachedTokens)
    #expect(none.config["eos_token_id"] is NSNull && none.tokenizer == nil)
  }

  @Test(
    "case eos-ids: a contradiction of config and tokenizer is an error",
    arguments: [
      ["model.eos_token_id=2"], ["model.eos_token_id=480"], ["model.bos_token_id=482"],
      ["model.eos_token_id=[482, 5]"], ["model.eos_token_id=484"],
      ["model.eos_token_id=null", "data.eos=true"],
    ])
  func contradictionsAreRefused(overrides: [String]) throws {
    #expect {
      try prepare(overrides, kind: .text)
    } throws: {
      $0 is RoleConflict || $0 is DecoderConfigError
        || $0 as? PreparationError == .noSpecialToken(role: "eos")
    }
  }

  @Test func anotherTokenizerThanTheCachesIsRefused() throws {
    let found = try Tokenizer(contentsOf: Self.tokenizer).fingerprint
    let cached = String(repeating: "0", count: 64)
    #expect {
      try prepare(["tokenizer=\(Self.tokenizer)"])
    } throws: { error in
      guard case .tokenizer(found, cached, _) = error as? PreparationError else { return false }
      return "\(error)".contains(found.prefix(12))
    }
  }

  /// Held-out caches too, and what `evaluate` scores.
  @Test func anotherTokenizerThanTheHeldOutCachesIsRefused() throws {
    let tokenizer = try Tokenizer(contentsOf: Self.tokenizer)
    try withTemporaryDirectory { folder -> Void in
      let cache = try TinyCache().build(Tiny.sequences(3), in: folder)
      let data = DataConfig(source: .cache(folder.path))
      let error = PreparationError.tokenizer(
        found: tokenizer.fingerprint, expected: String(repeating: "0", count: 64),
        path: folder.path)
      #expect(throws: error) {
        _ = try HeldOutData(data, tokenizer: tokenizer, window: 16)
      }
      #expect(throws: error) {
        try cache.requireMatch(vocabulary: 120, tokenizer: tokenizer, path: folder.path)
      }
      try cache.requireMatch(vocabulary: 120, tokenizer: nil, path: folder.path)
    }
  }

  @Test func aHeldOutCacheIsReadUpToTheTokensAskedFor() throws {
    try withTemporaryDirectory { folder -> Void in
      try TinyCache().build(Tiny.sequences(5), in: folder)
      let data = DataConfig(source: .cache(folder.path))
      let sizes = try [1, 12, 13, 59, 60, 1000].map {
        try HeldOutData(data, tokenizer: nil, window: 16, tokens: $0).predictionCount
      }
      #expect(sizes == [12, 12, 24, 60, 60, 60])
      let some = try HeldOutData(data, tokenizer: nil, window: 16, tokens: 20)
      let model = try Tiny.decoder("llama_tied")
      let counted = try some.sequences().reduce(0) {
        $0 + ($1.lossMask.map { $0.count { $0 } } ?? $1.predictionCount)
      }
      #expect(try some.evaluate(model).tokens == counted)
    }
  }

  @Test("case first-documents: a limit takes sequences from all over a held-out cache")
  func aLimitTakesSequencesFromAllOverACache() throws {
    try withTemporaryDirectory { folder -> Void in
      let all = Array(Tiny.sequences(40))
      try TinyCache().build(all, in: folder)
      let data = DataConfig(source: .cache(folder.path))
      let samples = try [1, 60, 120, 240].map { tokens in
        try HeldOutData(data, tokenizer: nil, window: 16, tokens: tokens).sequences()
          .compactMap { all.firstIndex(of: $0) }
      }
      #expect(samples.map(\.count) == [1, 5, 10, 20])
      #expect(samples.allSatisfy { $0 == $0.sorted() })
      for (small, large) in zip(samples, samples.dropFirst()) {
        #expect(Set(small).isSubset(of: large))
      }
      #expect(samples[1] != Array(0..<5) && samples[2].contains { $0 >= 20 })
    }
  }

  @Test func aTokenizerWithMoreIDsThanTheStudentIsRefused() {
    #expect(throws: PreparationError.tokenizerTooLarge(tokenizer: 484, student: 483)) {
      try prepare(["model.vocab_size=483"], kind: .text)
    }
  }

  @Test func aTextWithoutATokenizerIsRefused() throws {
    let overrides = ["tokenizer=null", "model=null", "initialize.from=\(Tiny.path("llama_tied"))"]
    #expect {
      try prepare(overrides, kind: .text)
    } throws: { error in
      guard case .noTokenizer(let path) = error as? PreparationError else { return false }
      return path.hasSuffix("text.jsonl")
    }
  }

  @Test(arguments: [
    ("[0, 1, 3]", InitializationError.noSuchLayer(3, path: "", count: 3)),
    ("[0, 1]", .layerCount(chosen: 2, student: 3)),
  ])
  func chosenLayersMustFit(layers: String, expected: InitializationError) throws {
    let source = Tiny.path("llama_tied")
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let yaml = run.yaml("run").replacing(
        TinyRun.model.replacing("VOCABULARY", with: "120"), with: Self.llama)
      let root = try ConfigNode.parse(yaml, file: "run.yaml").applying([
        "initialize.from=\(source)", "initialize.layers=\(layers)",
      ])
      let config = try RunConfig(root, kind: .distill)
      #expect {
        _ = try TrainingRun.prepare(config, version: "test", command: [])
      } throws: { error in
        "\(error)" == "\(expected)".replacing("but  has", with: "but \(source) has")
      }
    }
  }

  /// The shape of the golden Llama.
  private static let llama = """
    model:
      model_type: llama
      vocab_size: 120
      hidden_size: 36
      intermediate_size: 50
      num_hidden_layers: 3
      num_attention_heads: 6
      num_key_value_heads: 2
      head_dim: 6
      tie_word_embeddings: true

    """

  /// Without a model section, the shape is that of the chosen layers.
  @Test func theTeachersLayersMakeAStudent() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let yaml = run.yaml("run").replacing(
        TinyRun.model.replacing("VOCABULARY", with: "120"), with: "")
      func prepare(_ layers: String) throws -> TrainingRun {
        let root = try ConfigNode.parse(yaml, file: "run.yaml").applying([
          "initialize.from=teacher", "initialize.layers=\(layers)", "training.steps=1",
          "training.warmup_steps=0",
        ])
        return try TrainingRun.prepare(
          try RunConfig(root, kind: .distill), version: "test", command: [])
      }
      #expect(
        throws: InitializationError.noSuchLayer(3, path: Tiny.path("llama_tied"), count: 3)
      ) { _ = try prepare("[0, 3]") }
      let outcome = try prepare("[2, 0]").run()
      let saved = try Data(
        contentsOf: URL(filePath: try #require(outcome.model)).appending(path: "config.json"))
      #expect(String(decoding: saved, as: UTF8.self).contains("\"num_hidden_layers\": 2"))
    }
  }
}
