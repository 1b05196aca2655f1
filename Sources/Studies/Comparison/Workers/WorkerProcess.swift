import Subprocess
import Synchronization
import SystemPackage

/// A child process with pipes to its three standard streams; its lines are kept until they are read.
final class WorkerProcess: Sendable {
  private struct Heard {
    var output: [String] = []
    var notes: [String] = []
    var error: String?
    var ending: Ending?
  }

  /// The way in which a child ended.
  enum Ending: Equatable {
    /// By itself, with an exit code.
    case exited(Int32)
    /// By the signal of a number.
    case signaled(Int32)
    /// It could not be started, or not be listened to.
    case failed(reason: String)
  }

  private let heard = Mutex(Heard())
  /// Finished when the child shall save its run and end.
  private let wish: AsyncStream<Never>.Continuation

  /// Starts an executable; the first argument is the name that it is told.
  init(_ executable: String, _ arguments: [String]) {
    let (wishes, wish) = AsyncStream.makeStream(of: Never.self)
    self.wish = wish
    let words = Arguments(
      executablePathOverride: arguments[0], remainingValues: Array(arguments.dropFirst()))
    Task {
      let ending = await run(executable, words, until: wishes)
      heard.withLock { $0.ending = ending }
    }
  }

  /// The way in which it ended; nil while it works.
  var ending: Ending? { heard.withLock(\.ending) }
  /// The error that it told, if any.
  var error: String? { heard.withLock(\.error) }

  /// Asks it to save its run and end; asking again changes nothing.
  func stop() { wish.finish() }

  /// The lines of its standard output since the last call.
  func readOutput() -> [String] { heard.withLock { Self.take(&$0.output) } }

  /// The lines of its standard error since the last call; its error is kept apart.
  func readNotes() -> [String] { heard.withLock { Self.take(&$0.notes) } }

  private static func take(_ lines: inout [String]) -> [String] {
    defer { lines = [] }
    return lines
  }

  /// Runs the child; its standard input is closed at the end of the wishes.
  private func run(
    _ executable: String, _ words: Arguments, until wishes: AsyncStream<Never>
  ) async -> Ending {
    do {
      let result = try await Subprocess.run(
        .path(FilePath(executable)), arguments: words, input: .inputWriter, output: .sequence,
        error: .sequence
      ) { child in
        async let stopping: Void = {
          for await _ in wishes {}
          try await child.standardInputWriter.finish()
        }()
        async let notes: Void = {
          for try await line in child.standardError.strings() { self.note(line) }
        }()
        for try await line in child.standardOutput.strings() {
          self.heard.withLock { $0.output.append(line) }
        }
        try await notes
        self.stop()
        try await stopping
      }
      return switch result.terminationStatus {
      case .exited(let code): .exited(code)
      case .signaled(let signal): .signaled(signal)
      }
    } catch {
      return .failed(reason: "\(error)")
    }
  }

  private func note(_ line: String) {
    let mark = "codistill: error: "
    heard.withLock {
      if line.hasPrefix(mark) { $0.error = String(line.dropFirst(mark.count)) }
      if !line.hasPrefix("codistill: ") { $0.notes.append(line) }
    }
  }
}
