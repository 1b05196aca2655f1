@testable import Base
@testable import Capture
import Foundation
@testable import Measuring
import Testing
import Text
@testable import Training

@Suite struct DataConfigTests {
  private func read(_ data: String) throws -> RunConfig {
    let root = try ConfigNode.parse(
      """
      model: {model_type: llama4_text, vocab_size: 64}
      tokenizer: tokenizer.json
      data: {paths: texts, sequence_length: 16}
      training: {steps: 60, batch_size: 4, learning_rate: 1e-3}
      evaluation: {data: \(data)}
      output: runs/a
      """, file: "a.yaml")
    return try RunConfig(root, kind: .pretrain)
  }

  @Test func theGroupKeyIsReadAndWritten() throws {
    let config = try read("{paths: texts, group_key: language}")
    #expect(config.evaluation?.data.groupKey == "language" && config.data?.groupKey == nil)
    let root = try ConfigNode.parse(config.yaml, file: "b.yaml")
    #expect(try RunConfig(root, kind: .pretrain) == config)
  }

  @Test func aCacheHasNoGroups() {
    #expect {
      try read("{cache: caches/a, group_key: language}")
    } throws: { error in
      guard let error = error as? ConfigError, case .conflict = error else { return false }
      return "\(error)".contains("group_key")
    }
  }

  @Test("case raw-json-as-text: the format can be said; unsaid it is not written, as before")
  func theFormatIsReadAndWritten() throws {
    let config = try read("{paths: texts, format: text}")
    #expect(config.evaluation?.data.format == .text && config.data?.format == .auto)
    #expect(config.yaml.components(separatedBy: "format:").count == 2)
    let root = try ConfigNode.parse(config.yaml, file: "b.yaml")
    #expect(try RunConfig(root, kind: .pretrain) == config)
    #expect(throws: ConfigError.self) { try read("{paths: texts, format: csv}") }
    #expect(throws: ConfigError.self) { try read("{cache: caches/a, format: text}") }
  }
}
