@testable import Base
import Foundation
import TestSupport
import Testing
@testable import Training

/// Checkpoints are what was written, of their run and of their step, or are passed over.
@Suite struct CheckpointSealTests {
  private func config(_ overrides: String...) throws -> RunConfig {
    let text = """
      model: {model_type: llama}
      cache: c
      training: {steps: 20, batch_size: 1, learning_rate: 1, save_steps: 5}
      loss: {soft: {value: 1}}
      output: o
      """
    return try RunConfig(
      try ConfigNode.parse(text, file: "a.yaml").applying(overrides), kind: .distill)
  }

  private func open(
    _ path: String, _ config: RunConfig, data: String = "abc"
  ) throws -> RunDirectory {
    let manifest = RunManifest(
      version: "1", command: ["codistill"], seed: 0, fingerprints: ["data": data])
    return try RunDirectory(path: path, config: config, manifest: manifest)
  }

  /// A run with a checkpoint of three small files at each of some steps.
  private func leaveRun(
    at path: String, _ config: RunConfig, steps: [Int] = [5, 10], data: String = "abc"
  ) throws {
    let run = try open(path, config, data: data)
    for step in steps {
      try run.writeCheckpoint(step: step) { folder in
        try FileManager.default.createDirectory(
          atPath: folder + "/model", withIntermediateDirectories: true)
        for name in ["model/model.safetensors", "optimizer.safetensors", "state.json"] {
          try Data("\(name) of step \(step)".utf8).write(to: URL(filePath: folder + "/" + name))
        }
      }
    }
  }

  private func found(_ path: String, _ config: RunConfig) throws -> (step: Int?, reasons: [String])
  {
    let found = try open(path, config).latestCheckpoint(lastStep: 20) { _ in }
    return (found.checkpoint?.step, found.skipped.map(\.reason))
  }

  @Test("case fifo-hangs: what stands in a config's or a seal's place is named")
  func noFiles() throws {
    try withTemporaryDirectory { folder in
      let (path, config) = (folder.path + "/a", try config())
      try leaveRun(at: path, config)
      let seal = path + "/checkpoints/step-000010/checkpoint.json"
      try FileManager.default.removeItem(atPath: seal)
      mkfifo(seal, 0o600)
      let (step, reasons) = try found(path, config)
      #expect(step == 5 && reasons.count == 1)
      #expect(
        reasons.first == "checkpoint.json cannot be read: it is a FIFO, no regular file",
        "\(reasons)")
      let file = path + "/config.resolved.yaml"
      try FileManager.default.removeItem(atPath: file)
      mkfifo(file, 0o600)
      let error = #expect(throws: RunError.self) { try open(path, config) }
      let text = try #require(error?.description)
      #expect(text.contains(file) && text.contains("no regular file"), "\(text)")
    }
  }

  @Test("case checkpoint-bit-flip: every flipped byte of every file is found")
  func flips() throws {
    try withTemporaryDirectory { folder in
      let (path, config) = (folder.path + "/a", try config())
      try leaveRun(at: path, config)
      #expect(try found(path, config).step == 10)
      let checkpoint = path + "/checkpoints/step-000010/"
      for name in ["model/model.safetensors", "optimizer.safetensors", "state.json"]
        + ["checkpoint.json"]
      {
        let file = URL(filePath: checkpoint + name)
        let whole = try Data(contentsOf: file)
        for place in whole.indices {
          var bytes = whole
          bytes[place] ^= 1 << UInt8(place % 8)
          try bytes.write(to: file)
          let found = try found(path, config)
          #expect(found.step == 5 && found.reasons.count == 1, "\(name) \(place)")
          // A seal that was changed itself may lay it on another file.
          #expect(name == "checkpoint.json" || found.reasons[0].contains(name))
        }
        for bytes in [whole.dropLast(), whole + [0], whole.dropLast(4) + Data(count: 4), Data()] {
          try bytes.write(to: file)
          #expect(try found(path, config).step == 5, "\(name), \(bytes.count) bytes")
        }
        try FileManager.default.removeItem(at: file)
        #expect(try found(path, config).step == 5, "no \(name)")
        try whole.write(to: file)
      }
      #expect(try found(path, config).step == 10)
    }
  }

  @Test("case checkpoint-bit-flip: another run's or step's checkpoint, and an impossible step")
  func strangers() throws {
    try withTemporaryDirectory { folder in
      let (path, other, config) = (folder.path + "/a", folder.path + "/b", try config())
      try leaveRun(at: path, config)
      try leaveRun(at: other, try self.config("training.seed=9"), steps: [15])
      let manager = FileManager.default
      let (own, strange) = (path + "/checkpoints/step-", other + "/checkpoints/step-000015")
      try manager.copyItem(atPath: strange, toPath: own + "000015")
      for name in ["000016", "000021", "1000000000"] {
        try manager.copyItem(atPath: own + "000010", toPath: own + name)
      }
      try Data("x".utf8).write(to: URL(filePath: own + "000010/extra"))
      let found = try found(path, config)
      #expect(found.step == 5)
      #expect(found.reasons.count == 5)
      #expect(found.reasons[0].contains("step 10"), "the folder's number is not the step")
      #expect(found.reasons[3].contains("another config"))
      #expect(found.reasons[4].contains("extra"))
      // Nothing good is removed for checkpoints that were never made.
      try open(path, config).removeCheckpoints(upTo: 10, keeping: 2)
      #expect(try self.found(path, config).step == 5)
    }
  }

  @Test("case run-json-missing: checkpoints without run.json go on under their own config alone")
  func manifestGone() throws {
    try withTemporaryDirectory { folder in
      let (path, config) = (folder.path + "/a", try config())
      try leaveRun(at: path, config)
      let manifest = URL(filePath: path + "/run.json")
      for damage in [Data?.none, Data("{".utf8), Data()] {
        try? FileManager.default.removeItem(at: manifest)
        if let damage {
          try damage.write(to: manifest)
          #expect(throws: RunError.damagedManifest(path: path + "/run.json")) {
            try open(path, config)
          }
          // What the message says.
          try FileManager.default.removeItem(at: manifest)
        }
        let before = try contents(of: URL(filePath: path))
        for (config, data) in [
          (try self.config("training.seed=9"), "abc"),
          (try self.config("training.learning_rate=2"), "abc"), (config, "abd"),
        ] {
          #expect(throws: RunError.foreignCheckpoints(path: path)) {
            try open(path, config, data: data)
          }
        }
        #expect(try contents(of: URL(filePath: path)) == before)
        #expect(try found(path, config).step == 10)
      }
    }
  }

  @Test("case moved-cache: another place of the same input is the same run")
  func movedInputs() throws {
    try withTemporaryDirectory { folder in
      let (path, config) = (folder.path + "/a", try config())
      try leaveRun(at: path, config)
      let moved = try self.config("cache=elsewhere/c", "tokenizer=t.json")
      #expect(try found(path, moved).step == 10)
      let kept = try String(contentsOfFile: path + "/config.resolved.yaml", encoding: .utf8)
      #expect(kept == moved.yaml)
      #expect(throws: RunError.self) { try open(path, moved, data: "other") }
    }
  }
}
