@testable import Base
import Shards
import Testing
@testable import Training

@Suite struct EmissionConfigTests {
  private func config(_ emission: String, kind: RunConfig.Kind = .pretrain) throws -> RunConfig {
    let text = """
      model: {vocab_size: 10}
      tokenizer: tokenizer.json
      data: {paths: text.jsonl, sequence_length: 16}
      training: {steps: 10, batch_size: 2, learning_rate: 1e-3}
      emit_cache: \(emission)
      output: runs/x
      """
    return try RunConfig(try ConfigNode.parse(text, file: "run.yaml"), kind: kind)
  }

  @Test func everyKeyIsReadAndWritten() throws {
    let config = try config(
      "{path: caches/x, codec: sample, samples: 20, temperature: 2, draws: 3, seed: 4, "
        + "sequences_per_shard: 8, from: 0.5}")
    let emission = try #require(config.emission)
    #expect(emission.codec == .sample(samples: 20, temperature: 2))
    #expect(emission.draws == 3 && emission.seed == 4)
    #expect(emission.sequencesPerShard == 8 && emission.from == 0.5)
    #expect(emission.firstStep(of: 9) == 5)
    let again = try RunConfig(ConfigNode.parse(config.yaml, file: "again"), kind: .pretrain)
    #expect(again == config)
  }

  /// A codec whose number has a key of its own needs that key here.
  @Test func everyCodecTakesItsNumber() throws {
    for kind in CodecKind.allCases {
      let number = kind.setting.map { ", \($0.key): \($0.isWhole ? "7" : "0.25")" } ?? ""
      let config = try config("{path: x, codec: \(kind.rawValue)\(number), temperature: 2}")
      let setting = kind.setting.map { $0.isWhole ? 7 : 0.25 }
      #expect(config.emission?.codec == CacheCodec(kind, setting: setting, temperature: 2))
      let again = try RunConfig(ConfigNode.parse(config.yaml, file: "again"), kind: .pretrain)
      #expect(again == config)
    }
  }

  @Test func theCachesTeacherIsTheLast() throws {
    let evaluation = "\nevaluation: {every: 5, data: {cache: held}, keep: "
    #expect(try config("{path: x}" + evaluation + "last}").emission != nil)
    let error = #expect(throws: ConfigError.self) {
      try config("{path: x}" + evaluation + "best}")
    }
    #expect(error?.description.contains("evaluation.keep: best") == true)
  }

  @Test(arguments: [
    "{}", "{path: x, codec: sparse}", "{path: x, threshold: 2}", "{path: x, from: 1}",
    "{path: x, codec: topk, threshold: 0.1}", "{path: x, codec: dense, draws: 2}",
    "{path: x, codecs: dense}",
  ])
  func badValuesAreRefused(emission: String) {
    #expect(throws: ConfigError.self) { try config(emission) }
  }
}
