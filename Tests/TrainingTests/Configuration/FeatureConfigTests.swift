@testable import Base
@testable import Losses
import Testing
@testable import Training

@Suite struct FeatureConfigTests {
  private func config(_ features: String, teacher: String = "teacher: t") throws -> RunConfig {
    let text = """
      model: {vocab_size: 10}
      \(teacher)
      data: {paths: text.jsonl, sequence_length: 16}
      training: {steps: 10, batch_size: 2, learning_rate: 1e-3}
      loss: {soft: {value: 0.5}, features: \(features)}
      output: runs/x
      """
    return try RunConfig(try ConfigNode.parse(text, file: "run.yaml"), kind: .distill)
  }

  @Test func everyKeyIsReadAndWritten() throws {
    let config = try config(
      "[{kind: mse, weight: 0.1, student_layer: 2, teacher_layer: 12, projection: learned}, "
        + "{kind: cosine, weight: 1, student_layer: final, teacher_layer: final}]")
    let features = config.loss.features
    #expect(features.map(\.kind) == [.mse, .cosine])
    #expect(features.map(\.weight) == [0.1, 1])
    #expect(features.map(\.studentLayer) == [.after(2), .final])
    #expect(features.map(\.teacherLayer) == [.after(12), .final])
    #expect(features.map(\.projection) == [.learned, nil])
    let again = try RunConfig(ConfigNode.parse(config.yaml, file: "again"), kind: .distill)
    #expect(again == config)
  }

  @Test(arguments: [
    "[{kind: mse, weight: 0.1, student_layer: 2}]",
    "[{kind: l2, weight: 0.1, student_layer: 2, teacher_layer: 1}]",
    "[{kind: mse, weight: 0, student_layer: 2, teacher_layer: 1}]",
    "[{kind: mse, weight: 1, student_layer: last, teacher_layer: 1}]",
    "[{kind: mse, weight: 1, student_layer: -1, teacher_layer: 1}]",
    "[{kind: mse, weight: 1, student_layer: 1, teacher_layer: 1, projection: pca}]",
    "{kind: mse}",
  ])
  func badValuesAreRefused(features: String) {
    #expect(throws: ConfigError.self) { try config(features) }
  }

  @Test func aCacheHoldsNoHiddenStates() {
    let feature = "[{kind: mse, weight: 1, student_layer: 1, teacher_layer: 1}]"
    #expect {
      try config(feature, teacher: "cache: c")
    } throws: { error in
      "\(error)".contains("needs a live teacher")
    }
  }
}
