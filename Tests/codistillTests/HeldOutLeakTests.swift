import Foundation
import Testing

/// case held-out-leak: no command measures on what was trained on without a word.
@Suite struct HeldOutLeakTests {
  private static let student = TinyTraining.distillation(to: "student")
  private static let split =
    "{paths: [text.jsonl], split: held_out, held_out: 0.3, sequence_length: 16}"
  private static let comparison = """
    base: student.yaml
    arms: [{name: plain, changes: {loss: {soft: {value: 0}}}}, {name: soft}]
    data: \(split)
    output: study
    """

  private func inWorld(_ body: (URL) throws -> Void) throws {
    let files = [
      "student.yaml": Self.student, "compare.yaml": Self.comparison,
      "evaluated.yaml": Self.student + "evaluation: {data: \(Self.split)}\n",
    ]
    try TinyWorld.with(files, body)
  }

  private func cache(_ options: [String], in folder: URL) throws {
    try TinyWorld.tool(
      ["cache", "build", "--teacher", "model", "--data", "text.jsonl", "--output", "cache"]
        + ["--sequence-length", "16"] + options, in: folder)
  }

  @Test("case held-out-leak: a cache of all the text is refused where a part is held out of it")
  func leaksAreRefused() throws {
    try inWorld { folder in
      try cache([], in: folder)
      for command in ["compare compare.yaml", "distill evaluated.yaml"] {
        try Tool.expectFailure(
          command.split(separator: " ").map(String.init), status: 65,
          mentions: "documents evaluated", "text.jsonl:", "--held-out", "overlap", in: folder)
      }
      try TinyWorld.tool(["distill", "student.yaml"], in: folder)
      let evaluate = ["evaluate", "--model", "student"]
      let refused = [["--cache", "cache"], ["--data", "text.jsonl", "--overlap", "refuse"]]
      for what in refused {
        try Tool.expectFailure(
          evaluate + what, status: 65, mentions: "in what is trained on", "--overlap", in: folder)
      }
      let counted = try TinyWorld.tool(evaluate + ["--data", "text.jsonl"], in: folder)
      #expect(counted.errors.contains("30 of the 30 documents evaluated"), "\(counted.errors)")
      let kept = try TinyWorld.tool(
        evaluate + ["--cache", "cache", "--overlap", "keep"], in: folder)
      #expect(kept.errors.contains("measured all the same"))
      try Tool.expectFailure(
        evaluate + ["--data", "text.jsonl", "--overlap", "remove"], status: 65,
        mentions: "nothing is left", in: folder)
      let kept2 = try TinyWorld.tool(["compare", "compare.yaml", "overlap=keep"], in: folder)
      #expect(kept2.errors.contains("measured all the same"))
    }
  }

  @Test("case held-out-leak: the remedy that the message names works")
  func heldOutOfBothIsMeasured() throws {
    try inWorld { folder in
      try cache(["--held-out", "0.3"], in: folder)
      try TinyWorld.tool(["distill", "evaluated.yaml"], in: folder)
      let compared = try TinyWorld.tool(["compare", "compare.yaml"], in: folder)
      #expect(!compared.errors.contains("trained on"))
      let measured = try TinyWorld.tool(
        ["evaluate", "--model", "student", "--data", "text.jsonl", "--split", "held_out"]
          + ["--held-out", "0.3", "--window", "16"], in: folder)
      #expect(!measured.errors.contains("trained on"))
      // Of all the text, what was held out is left, and the same figure comes out.
      let removed = try TinyWorld.tool(
        ["evaluate", "--model", "student", "--data", "text.jsonl", "--overlap", "remove"]
          + ["--window", "16"], in: folder)
      #expect(removed.errors.contains("left out") && removed.output == measured.output)
    }
  }

  @Test("case held-out-leak: what the first weights were trained on counts, the teacher's too")
  func ancestorsCount() throws {
    try inWorld { folder in
      try cache(["--held-out", "0.3"], in: folder)
      for (output, from) in [("named", "model"), ("teachers", "teacher")] {
        try TinyWorld.tool(
          ["distill", "student.yaml", "initialize={from: \(from)}", "output=\(output)"], in: folder)
        try Tool.expectFailure(
          ["evaluate", "--model", output, "--data", "text.jsonl", "--split", "held_out"]
            + ["--held-out", "0.3", "--window", "16", "--overlap", "refuse"], status: 65,
          mentions: "in what is trained on", in: folder)
        try Tool.expectFailure(
          ["distill", "evaluated.yaml", "initialize={from: \(from)}", "output=\(output)-2"],
          status: 65, mentions: "in what is trained on", in: folder)
      }
    }
  }

  @Test("case held-out-leak: runs whose first weights are of one another are no circle")
  func firstWeightsInACircle() throws {
    try inWorld { folder in
      try cache(["--held-out", "0.3"], in: folder)
      try TinyWorld.tool(["distill", "student.yaml", "output=a"], in: folder)
      try TinyWorld.tool(
        ["distill", "student.yaml", "output=b", "initialize={from: a}"], in: folder)
      try FileManager.default.removeItem(at: folder.appending(path: "a"))
      try TinyWorld.tool(
        ["distill", "student.yaml", "output=a", "initialize={from: b}"], in: folder)
      for command in [
        ["evaluate", "--model", "a", "--data", "text.jsonl", "--window", "16"],
        ["distill", "student.yaml", "output=c", "initialize={from: a}"],
      ] {
        try TinyWorld.tool(command, in: folder)
      }
    }
  }

  @Test("case held-out-leak: a copy or link of a model, other data, another order of windows")
  func changedDataAreTold() throws {
    try inWorld { folder in
      try cache(["--held-out", "0.3"], in: folder)
      try FileManager.default.createSymbolicLink(
        atPath: folder.appending(path: "link").path, withDestinationPath: "model/model")
      let evaluate = ["evaluate", "--data", "text.jsonl", "--window", "16", "--model"]
      try Tool.expectFailure(
        evaluate + ["link", "--overlap", "refuse"], status: 65,
        mentions: "in what is trained on", in: folder)
      try FileManager.default.copyItem(
        at: folder.appending(path: "text.jsonl"), to: folder.appending(path: "kept.jsonl"))
      try Data(#"{"text": "something else altogether"}"#.utf8)
        .write(to: folder.appending(path: "text.jsonl"))
      let changed = try TinyWorld.tool(
        ["evaluate", "--data", "kept.jsonl", "--window", "16", "--model", "model"], in: folder)
      #expect(changed.errors.contains("have changed since"), "\(changed.errors)")
    }
  }

  @Test("case held-out-leak: where a run's data are gone, it is said that nothing is known")
  func lostDataAreTold() throws {
    try inWorld { folder in
      try cache(["--held-out", "0.3"], in: folder)
      try TinyWorld.tool(["distill", "student.yaml"], in: folder)
      try FileManager.default.moveItem(
        at: folder.appending(path: "cache"), to: folder.appending(path: "elsewhere"))
      let outcome = try TinyWorld.tool(
        ["evaluate", "--model", "student", "--data", "text.jsonl"], in: folder)
      #expect(outcome.errors.contains("what student trained on cannot be read"))
    }
  }
}
