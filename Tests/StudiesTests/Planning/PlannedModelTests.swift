@testable import Base
import Foundation
import Models
@testable import Studies
import TestRuns
import TestSupport
import Testing
@testable import Training

@Suite struct PlannedModelTests {
  /// The repository's own configs, from which Llama 4's published figures must come.
  @Test(arguments: [
    (name: "scout", total: 108.64, active: 17.17), (name: "maverick", total: 401.58, active: 17.18),
  ])
  func publishedFigures(name: String, total: Double, active: Double) throws {
    let config = Fixtures.url("../../configs/llama4/\(name).yaml").path
    let planned = try PlannedModel(path: config)
    func billions(_ count: Int) -> Double { (Double(count) / 1e7).rounded() / 100 }
    #expect(billions(planned.shape.parameters.total) == total)
    #expect(billions(planned.shape.activeParameters.total) == active)
    // Students are text models: the tower changes nothing for a run.
    let run = try #require(planned.run)
    #expect(try RunConfig.read(file: config, kind: .distill) == run)
    #expect(run.training.batchSize == 1)
  }

  @Test func overridesAndModelsAlone() throws {
    try withTemporaryDirectory { folder in
      let file = folder.appending(path: "model.yaml")
      let model = """
        model: {model_type: llama, vocab_size: 100, hidden_size: 8, intermediate_size: 16,
                num_hidden_layers: 2, num_attention_heads: 2}
        """
      try Data(model.utf8).write(to: file)
      #expect(try PlannedModel(path: file.path).run == nil)
      let changed = try PlannedModel(path: file.path, overrides: ["model.num_hidden_layers=5"])
      #expect(changed.shape.decoder.numHiddenLayers == 5)
      try Data("training: {steps: 1}\n".utf8).write(to: file)
      #expect(throws: ConfigError.self) { try PlannedModel(path: file.path) }
      try Data("output: x\n".utf8).write(to: file)
      #expect(throws: ConfigError.self) { try PlannedModel(path: file.path) }
    }
  }

  @Test func checkpointsNeedNoConfigOfOurs() throws {
    let planned = try PlannedModel(path: Tiny.path("scout_like"))
    #expect(planned.run == nil && planned.shape.vision != nil)
    #expect(planned.shape.decoder == (try Tiny.checkpoint("scout_like").config))
  }
}
