import Foundation
import TestSupport
import Testing

/// What a disk that takes no more leaves behind; a limit on file sizes stands in for it.
struct FullDiskTests {
  /// Runs the tool where no file may grow beyond some blocks of 1,024 bytes.
  private func run(_ arguments: String, blocks: Int, in folder: URL) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    let tool = try Tool.executable().path
    process.arguments = ["-c", "ulimit -f \(blocks); exec '\(tool)' \(arguments) 2>errors"]
    process.currentDirectoryURL = folder
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    return process.terminationStatus
  }

  private func expectOneLine(in folder: URL, sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    let errors = try String(contentsOf: folder.appending(path: "errors"), encoding: .utf8)
    #expect(errors.hasPrefix("codistill: error: "), "\(errors)", sourceLocation: sourceLocation)
    #expect(errors.split(separator: "\n").count == 1, "\(errors)", sourceLocation: sourceLocation)
  }

  @Test func logitsLeaveNothing() throws {
    try inFolder { folder in
      let tokens = Array(repeating: "1", count: 200).joined(separator: ",")
      let model = Fixtures.url("golden/llama_tied").path
      let status = try run(
        "logits --model '\(model)' --tokens \(tokens) --output x", blocks: 16, in: folder)
      #expect(status == 74)
      try expectOneLine(in: folder)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["errors"])
    }
  }

  @Test func aTokenizerLeavesNothing() throws {
    let words = (0..<4000).map { "w\($0 &* 7919)" }.joined(separator: " ")
    try inFolder(["text.txt": words]) { folder in
      let status = try run(
        "tokenizer train --data text.txt --vocab-size 1000 --output t.json", blocks: 4, in: folder)
      #expect(status == 74)
      try expectOneLine(in: folder)
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "t.json").path))
    }
  }
}
