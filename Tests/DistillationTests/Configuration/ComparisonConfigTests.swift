import Distillation
import Foundation
import Testing

@Suite struct ComparisonConfigTests {
  private let text = """
    runs:
      - {name: soft, config: a.yaml, overrides: [training.steps=3]}
      - {name: hard, config: a.yaml}
    teacher: teacher.gguf
    data: {paths: [texts], split: held_out, held_out: 0.1}
    prompt: Once upon a time
    output: runs/compare
    """

  private func read(_ text: String) throws -> ComparisonConfig {
    try ComparisonConfig(try ConfigNode.parse(text, file: "c.yaml"))
  }

  @Test func aComparisonIsReadWhole() throws {
    let config = try read(text)
    #expect(config.runs.map(\.name) == ["soft", "hard"])
    #expect(config.runs[0].overrides == ["training.steps=3"])
    #expect(config.runs[1].overrides.isEmpty)
    #expect(config.prompt == "Once upon a time")
    #expect(config.tokens == nil)
  }

  @Test(arguments: [
    ("hard", "soft"), ("hard", "a/b"), ("hard", ".."), ("name: hard, ", ""), ("config:", "confg:"),
    ("output: runs/compare", ""),
  ])
  func brokenComparisonsAreRefused(old: String, new: String) {
    #expect(throws: ConfigError.self) { try read(text.replacing(old, with: new)) }
  }

  @Test func aRunsConfigTakesItsOverrides() throws {
    try inTemporaryFolder { folder in
      let file = folder.appending(path: "a.yaml")
      try Data(
        """
        initialize: {from: teacher}
        cache: c
        training: {steps: 1, batch_size: 1, learning_rate: 1}
        loss: {soft: {value: 1}}
        output: o
        """.utf8
      ).write(to: file)
      var run = try read(text).runs[0]
      run.config = file.path()
      let config = try run.runConfig(overrides: ["output=p"])
      #expect(config.training.steps == 3)
      #expect(config.output == "p")
      #expect(config.cache == "c")
    }
  }
}
