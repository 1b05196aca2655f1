@testable import Capture
import Foundation
import Shards
import Tensors
import TestRuns
import TestSupport
import Testing
@testable import Training

/// `training.bf16`: the same run, rounded.
@Suite(.enabled(if: Precision.bfloat16.isSupported))
struct PrecisionRunTests {
  @Test func aRunInBfloat16IsNearTheSameRunInFloat32() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      let plain = try run.prepare("plain").run()
      let rounded = try run.prepare("rounded", overrides: ["training.bf16=true"]).run()
      #expect(plain.state.lastLoss != rounded.state.lastLoss, "nothing was rounded")
      #expect(abs(plain.state.lastLoss / rounded.state.lastLoss - 1) < 0.02)
      let config = try String(
        contentsOf: run.output("rounded").appending(path: "config.resolved.yaml"), encoding: .utf8)
      #expect(config.contains("bf16: true"))
    }
  }

  @Test func aRunGoesOnInItsOwnPrecisionOnly() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      _ = try run.prepare("run").run()
      #expect(throws: RunError.self) {
        _ = try run.prepare("run", overrides: ["training.bf16=true"])
      }
    }
  }

  @Test func aCacheRecordsItsPrecision() {
    #expect(CaptureConfig.arithmetic(.bfloat16)["precision"] == "bfloat16")
    #expect(CaptureConfig.arithmetic(.float32)["precision"] == "float32")
  }
}
