import Foundation
import Testing

/// The built executable in a shell, for what a pipe, a limit or a signal does to it.
enum Shell {
  /// Runs a script of bash that knows the executable as `$TOOL`; one that hangs is killed (137).
  static func run(
    _ script: String, in folder: URL? = nil, seconds: Int = 60,
    environment: [String: String] = [:]
  ) throws -> Tool.Outcome {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/timeout")
    // Threads of the tests block signals, and a child would go on with that.
    process.arguments =
      ["-s", "KILL", "\(seconds)", "env", "--default-signal", "/bin/bash", "-c", script]
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment
      .merging(["SWIFT_BACKTRACE": "enable=no", "TOOL": try Tool.executable().path]) { $1 }
      .merging(environment) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    process.standardInput = FileHandle.nullDevice
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    let told = try output.fileHandleForReading.readToEnd() ?? Data()
    let failed = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let sign: Int32 = process.terminationReason == .uncaughtSignal ? -1 : 1
    return Tool.Outcome(
      status: sign * process.terminationStatus, output: String(decoding: told, as: UTF8.self),
      errors: String(decoding: failed, as: UTF8.self))
  }

  /// A word as bash takes it back.
  static func quote(_ word: String) -> String {
    "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
}

/// The exit codes that the program's help names.
let knownExitCodes: Set<Int32> = [0, 64, 65, 66, 69, 70, 73, 74, 75, 78]

/// Expects one of our exit codes and, where work failed, one error line.
func expectOrderlyEnd(
  _ outcome: Tool.Outcome, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(
    knownExitCodes.contains(outcome.status), "\(what): \(outcome.status) \(outcome.errors)",
    sourceLocation: sourceLocation)
  let lines = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("codistill: error: ") }
  #expect(
    lines.count == (outcome.status == 0 ? 0 : 1), "\(what): \(outcome.errors)",
    sourceLocation: sourceLocation)
}
