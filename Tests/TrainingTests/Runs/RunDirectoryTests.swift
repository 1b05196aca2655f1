import Base
import Foundation
import TestSupport
import Testing
@testable import Training

@Suite struct RunDirectoryTests {
  private struct Damaged: Error {}

  private func config(_ overrides: String...) throws -> RunConfig {
    let text = """
      initialize: {from: teacher}
      cache: c
      training: {steps: 10, batch_size: 1, learning_rate: 1, save_steps: 5}
      loss: {soft: {value: 1}}
      output: o
      """
    let root = try ConfigNode.parse(text, file: "a.yaml").applying(overrides)
    return try RunConfig(root, kind: .distill)
  }

  private func manifest(cache: String = "abc", version: String = "1") -> RunManifest {
    RunManifest(
      version: version, command: ["codistill", "distill"], seed: 0, fingerprints: ["cache": cache])
  }

  /// A run that another process would have left behind.
  private func leaveRun(at path: String) throws {
    _ = try RunDirectory(path: path, config: try config(), manifest: manifest())
  }

  @Test func aNewRunHoldsItsConfigAndManifest() throws {
    try withTemporaryDirectory { folder in
      let path = folder.path + "/runs/a"
      let run = try RunDirectory(path: path, config: try config(), manifest: manifest())
      #expect(!run.isFinished && run.checkpoints.isEmpty)
      let yaml = try String(contentsOfFile: path + "/config.resolved.yaml", encoding: .utf8)
      #expect(yaml == (try config()).yaml)
      let json = try String(contentsOfFile: path + "/run.json", encoding: .utf8)
      #expect(json.contains("\"memory_bytes\" : "))
    }
  }

  @Test func aSecondProcessIsTurnedAway() throws {
    try withTemporaryDirectory { folder in
      let path = folder.path + "/a"
      let run = try RunDirectory(path: path, config: try config(), manifest: manifest())
      #expect(throws: RunError.locked(path: path)) { try leaveRun(at: path) }
      #expect(run.path == path)
    }
  }

  @Test func anInterruptedRunGoesOnAndAFinishedOneSaysSo() throws {
    try withTemporaryDirectory { folder in
      let path = folder.path + "/a"
      try leaveRun(at: path)
      let result = RunManifest.Result(steps: 10, tokens: 100, seconds: 3, finalLoss: 2)
      do {
        let run = try RunDirectory(
          path: path, config: try config(), manifest: manifest(version: "2"))
        #expect(!run.isFinished && run.manifest.version == "1", "the run that was begun goes on")
        try run.finish(result)
      }
      let run = try RunDirectory(path: path, config: try config(), manifest: manifest())
      #expect(run.isFinished && run.manifest.result == result)
    }
  }

  @Test func anUnfinishedRunOfAnotherDataOrderIsRefused() throws {
    try withTemporaryDirectory { folder in
      let path = folder.path + "/a"
      var old = manifest()
      old.dataOrder = nil
      do {
        _ = try RunDirectory(path: path, config: try config(), manifest: old)
        let json = try String(contentsOfFile: path + "/run.json", encoding: .utf8)
        #expect(!json.contains("data_order"))
      }
      #expect(throws: RunError.differentOrder(path: path, version: "1")) { try leaveRun(at: path) }
      do {
        let run = try RunDirectory(path: path, config: try config(), manifest: old)
        try run.finish(RunManifest.Result(steps: 10, tokens: 1, seconds: 3, finalLoss: 2))
      }
      try leaveRun(at: path)  // A finished run is only looked at.
    }
  }

  @Test func aRunGoesOnOnlyWithItsOwnConfigAndInputs() throws {
    try withTemporaryDirectory { folder in
      let path = folder.path + "/a"
      try leaveRun(at: path)
      let free = try config(
        "training.save_steps=2", "training.max_seconds=9", "training.logging_steps=1")
      _ = try RunDirectory(path: path, config: free, manifest: manifest())
      let other = try config("training.learning_rate=2")
      #expect(throws: RunError.differentConfig(path: path, line: "learning_rate: 1.0")) {
        try RunDirectory(path: path, config: other, manifest: manifest())
      }
      let error = RunError.differentInput(
        path: path, name: "cache", expected: "abc", found: "abd")
      #expect(throws: error) {
        try RunDirectory(path: path, config: try config(), manifest: manifest(cache: "abd"))
      }
    }
  }

  @Test func aFolderOfSomethingElseIsLeftAlone() throws {
    try withTemporaryDirectory { folder in
      let path = folder.path + "/a"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try Data("mine".utf8).write(to: URL(filePath: path + "/thesis.txt"))
      #expect(throws: RunError.notARun(path: path)) { try leaveRun(at: path) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["thesis.txt"])
    }
  }

  @Test func aManifestThatIsNoneIsNamed() throws {
    try withTemporaryDirectory { folder in
      let path = folder.path + "/a"
      try leaveRun(at: path)
      try Data("{".utf8).write(to: URL(filePath: path + "/run.json"))
      #expect(throws: RunError.self) { try leaveRun(at: path) }
    }
  }

  @Test func aRunMeansItsModelOrItsNewestCheckpoint() throws {
    try withTemporaryDirectory { folder in
      let path = folder.path + "/a"
      #expect(try RunDirectory.modelPath(path) == path)
      let run = try RunDirectory(path: path, config: try config(), manifest: manifest())
      #expect(try RunDirectory.modelPath(path) == path)
      let checkpoint = try run.writeCheckpoint(step: 5) { _ in }
      #expect(try RunDirectory.modelPath(path) == checkpoint.path + "/model")
      try AtomicFolder.write(to: path + "/model") { _ in }
      #expect(try RunDirectory.modelPath(path) == path + "/model")
    }
  }

  @Test func theNewestWholeCheckpointIsFound() throws {
    try withTemporaryDirectory { folder in
      let run = try RunDirectory(
        path: folder.path + "/a", config: try config(), manifest: manifest())
      for step in [5, 10, 1_000_000] {
        try run.writeCheckpoint(step: step) { try AtomicFile.write("\(step)", to: $0 + "/state") }
      }
      #expect(throws: Damaged.self) {
        try run.writeCheckpoint(step: 2_000_000) { _ in throw Damaged() }
      }
      #expect(run.checkpoints.map(\.step) == [5, 10, 1_000_000])
      #expect(run.checkpoints[0].path.hasSuffix("/a/checkpoints/step-000005"))
      let found = run.latestCheckpoint { if $0.step > 10 { throw Damaged() } }
      #expect(found.checkpoint?.step == 10)
      #expect(found.skipped.map(\.checkpoint.step) == [1_000_000])
      try run.removeCheckpoints(upTo: .max, keeping: 1)
      #expect(run.checkpoints.map(\.step) == [1_000_000])
      #expect(run.latestCheckpoint { _ in throw Damaged() }.checkpoint == nil)
    }
  }
}
