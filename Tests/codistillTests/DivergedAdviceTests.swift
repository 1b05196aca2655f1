import Foundation
import Testing

/// What a run that diverged advises works when it is pasted.
@Suite struct DivergedAdviceTests {
  /// Runs a line in a shell, in a folder.
  private func paste(_ line: Substring, in folder: URL) throws -> (status: Int32, errors: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", String(line)]
    process.currentDirectoryURL = folder
    let pipe = Pipe()
    (process.standardOutput, process.standardError) = (FileHandle.nullDevice, pipe)
    try process.run()
    let errors = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: errors, as: UTF8.self))
  }

  private static let output = "it's a run"

  /// A folder with a config whose learning rate overflows, and what it reads.
  private func inRunFolder(_ body: (URL) throws -> Void) throws {
    let config =
      TinyTraining.sections + """
        training: {steps: 12, batch_size: 2, learning_rate: 1e30, save_steps: 1, seed: 1}
        output: "\(Self.output)"

        """
    let text = (0..<40).map { "{\"text\": \"the cat saw \($0) dogs and ran to the barn\"}" }
    try inFolder(["run.yaml": config, "text.jsonl": text.joined(separator: "\n")]) { folder in
      let made = try Tool.run(
        ["tokenizer", "train", "--data", "text.jsonl", "--vocab-size", "270", "--output"]
          + ["tokenizer.json"], in: folder)
      try #require(made.status == 0, "\(made.errors)")
      try body(folder)
    }
  }

  @Test("case diverged-advice: the printed command, pasted, ends with a model")
  func theAdviceWorks() throws {
    try inRunFolder { folder in
      let diverged = try Tool.run(["pretrain", "run.yaml"], in: folder)
      #expect(diverged.status == 65 && !diverged.errors.contains("-nan"), "\(diverged.errors)")
      let advice = try #require(diverged.errors.firstRange(of: "; run: "))
      let line = diverged.errors[advice.upperBound...]
      let pasted = try paste(line, in: folder)
      #expect(pasted.status == 0, "\(line)\(pasted.errors)")
      let model = folder.appending(path: "\(Self.output)-2/model/model.safetensors")
      #expect(FileManager.default.fileExists(atPath: model.path(percentEncoded: false)))
    }
  }

  @Test("case diverged-advice: initialize.from takes the folder of an unfinished run")
  func anUnfinishedRunInitializes() throws {
    try inRunFolder { folder in
      let begun = try Tool.run(
        ["pretrain", "run.yaml", "training.learning_rate=1e-2", "--stop-at", "9"], in: folder)
      #expect(begun.status == 0, "\(begun.errors)")
      let from = "initialize={from: \"\(Self.output)\"}"
      let other = try Tool.run(
        ["pretrain", "run.yaml", "training.learning_rate=1e-3", from, "output=other"], in: folder)
      #expect(other.status == 0, "\(other.errors)")
    }
  }
}
