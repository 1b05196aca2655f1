import Foundation
import Testing

/// The built executable, run as a user would.
struct Tool {
  /// What a run of the tool left.
  struct Outcome {
    /// The exit code; negative for the number of a signal.
    let status: Int32
    let output: String
    let errors: String
  }

  /// Runs the tool with arguments, in a folder.
  static func run(
    _ arguments: [String], in folder: URL? = nil, input: String? = nil,
    output file: FileHandle? = nil, environment: [String: String] = [:]
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = try executable()
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(
      environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    ) { $1 }
    let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
    (process.standardInput, process.standardError) = (stdin, stderr)
    process.standardOutput = file ?? stdout as Any
    try process.run()
    try stdin.fileHandleForWriting.write(contentsOf: Data((input ?? "").utf8))
    try stdin.fileHandleForWriting.close()
    // What the tool says is far below what a pipe holds, so one after the other will do.
    let output = file == nil ? try stdout.fileHandleForReading.readToEnd() ?? Data() : Data()
    let errors = try stderr.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let sign: Int32 = process.terminationReason == .uncaughtSignal ? -1 : 1
    return Outcome(
      status: sign * process.terminationStatus, output: String(decoding: output, as: UTF8.self),
      errors: String(decoding: errors, as: UTF8.self))
  }

  /// Expects a run to fail with an exit code and one line about it that holds some words.
  static func expectFailure(
    _ arguments: [String], status: Int32, mentions words: String..., in folder: URL? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try run(arguments, in: folder)
    #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output == "", sourceLocation: sourceLocation)
    #expect(outcome.errors.hasPrefix("codistill: error: "), sourceLocation: sourceLocation)
    #expect(
      outcome.errors.split(separator: "\n", omittingEmptySubsequences: false).count == 2,
      "\(outcome.errors)", sourceLocation: sourceLocation)
    for word in words {
      #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: sourceLocation)
    }
  }

  // The tests are linked into one file beside the executables of the package.
  static func executable() throws -> URL {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    var folder = URL(filePath: tests).deletingLastPathComponent()
    while folder.path() != "/" {
      let candidate = folder.appending(path: "codistill", directoryHint: .notDirectory)
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: candidate.path(), isDirectory: &isFolder),
        !isFolder.boolValue
      {
        return candidate
      }
      folder.deleteLastPathComponent()
    }
    throw CocoaError(.fileNoSuchFile)
  }
}

/// Runs a body with a fresh folder that holds the given files, and removes it afterwards.
func inFolder(_ files: [String: String] = [:], _ body: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(
    path: UUID().uuidString, directoryHint: .isDirectory)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
  try body(folder)
}
