import Foundation
import Testing

/// `cache audit`, with the executable alone.
@Suite struct AuditCommandTests {
  private static let text = (0..<40).map {
    "{\"text\": \"line \($0) of a text about \($0 * $0) old and new things by the sea\"}"
  }.joined(separator: "\n")
  private static let teacher =
    TinyTraining.sections + """
      training: {steps: 3, batch_size: 2, learning_rate: 1e-2, seed: SEED}
      output: runs/teacher-SEED
      """

  private func prepare(_ folder: URL) throws {
    var commands = [
      ["tokenizer", "train", "--data", "text.jsonl", "--vocab-size", "270", "--output"]
        + ["tokenizer.json"],
      ["pretrain", "one.yaml"], ["pretrain", "two.yaml"],
    ]
    for codec in ["threshold", "dense"] {
      commands.append(
        ["cache", "build", "--teacher", "runs/teacher-1", "--data", "text.jsonl", "--output"]
          + [codec, "--sequence-length", "16", "--tokens", "200", "--codec", codec])
    }
    for command in commands {
      let outcome = try Tool.run(command, in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
  }

  private func inPreparedFolder(_ body: (URL) throws -> Void) throws {
    let files = [
      "text.jsonl": Self.text, "one.yaml": Self.teacher.replacing("SEED", with: "1"),
      "two.yaml": Self.teacher.replacing("SEED", with: "2"),
    ]
    try inFolder(files) { folder in
      try prepare(folder)
      try body(folder)
    }
  }

  @Test func aCacheIsAudited() throws {
    try inPreparedFolder { folder in
      let few = ["--positions", "100", "--taus", "0.1", "--top", "5", "--samples", "none"]
      let audit = ["cache", "audit", "threshold"] + few + ["--temperatures", "1,2"]
      let outcome = try Tool.run(audit + ["--json", "--svg", "audit.svg"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
      let report = try #require(object as? [String: Any])
      #expect(report["reference"] as? String == "teacher")
      let rows = try #require(report["rows"] as? [[String: Any]])
      for key in ["rms_error", "gradient_angle", "kl_bias", "mass_kept", "calibration_error"] {
        #expect(rows.allSatisfy { $0[key] is Double }, "\(key)")
      }
      let inspected = try Tool.run(["cache", "inspect", "threshold", "--json"], in: folder)
      let bytes = try #require(rows[0]["bytes_per_token"] as? Double)
      #expect(inspected.output.contains("\"bytes_per_token\":\(bytes)"))
      let svg = try String(contentsOf: folder.appending(path: "audit.svg"), encoding: .utf8)
      #expect(svg.hasPrefix("<svg") && svg.contains("this cache"))

      let people = try Tool.run(audit + ["--reference", "dense"], in: folder)
      #expect(people.status == 0, "\(people.errors)")
      #expect(people.output.contains("this cache: τ = 0.04, captured at T = 1"))
      #expect(people.output.contains("warning: captured at T = 1, wrong at T = 2"))
      try expectRefusals(in: folder)
    }
  }

  private func expectRefusals(in folder: URL) throws {
    let audit = ["cache", "audit", "threshold"]
    try Tool.expectFailure(
      audit + ["--teacher", "runs/teacher-2"], status: 65, mentions: "fingerprint", in: folder)
    try Tool.expectFailure(
      audit + ["--reference", "threshold"], status: 65, mentions: "--codec dense", in: folder)
    try Tool.expectFailure(
      audit + ["--reference", "dense", "--teacher", "runs/teacher-1"], status: 64,
      mentions: "either", in: folder)
    try Tool.expectFailure(
      audit + ["--top", "2.5"], status: 64, mentions: "--top", in: folder)
    try FileManager.default.moveItem(
      at: folder.appending(path: "runs/teacher-1"), to: folder.appending(path: "elsewhere"))
    try Tool.expectFailure(audit, status: 66, mentions: "--teacher", in: folder)
  }
}
