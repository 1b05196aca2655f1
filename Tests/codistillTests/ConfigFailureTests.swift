import Foundation
import Testing

@Suite struct ConfigFailureTests {
  private let config = """
    initialize: {from: teacher}
    cache: caches/none
    training: {steps: 1, batch_size: 1, learning_rate: 1e-3}
    loss: {soft: {value: 0.9}}
    output: out
    """

  private func expectBadConfig(
    _ text: String, _ overrides: [String] = [], _ words: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try inFolder(["a.yaml": text]) { folder in
      try Tool.expectFailure(
        ["distill", "a.yaml"] + overrides, status: 78, mentions: words, in: folder,
        sourceLocation: sourceLocation)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()) == ["a.yaml"])
    }
  }

  @Test func anUnknownKeyNamesItsPlaceAndTheNearestKey() throws {
    try expectBadConfig(
      config.replacing("steps:", with: "step:"),
      [], "a.yaml:3:12: unknown key 'step' in section 'training'; did you mean 'steps'?")
    try expectBadConfig(
      config, ["training.lerning_rate=1"],
      "override 'training.lerning_rate=1': unknown key 'lerning_rate'")
  }

  @Test func otherMistakesAreExitCode78Too() throws {
    try expectBadConfig(config + "\n  broken: [", [], "not valid YAML")
    try expectBadConfig("", [], "needs the key")
    try expectBadConfig(config, ["training.steps=0"], "must be from 1 to")
    try expectBadConfig(config, ["training.steps"], "write it as key=value")
  }

  @Test func aRunOfAComparisonIsReadBeforeAnyIsTrained() throws {
    let comparison = """
      runs: [{name: a, config: a.yaml}, {name: b, config: a.yaml, overrides: [traning.steps=1]}]
      data: {paths: [.]}
      output: out
      """
    try inFolder(["a.yaml": config, "c.yaml": comparison]) { folder in
      try Tool.expectFailure(
        ["compare", "c.yaml"], status: 78, mentions: "did you mean 'training'?", in: folder)
    }
  }
}
