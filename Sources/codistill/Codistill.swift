import ArgumentParser
import Base
import CProcess
import Foundation

/// The command-line tool: caches a teacher's signal, and trains and measures students with it.
@main
struct Codistill: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "codistill",
    abstract: "Cache a teacher's logits once, distil many students from them.",
    discussion: """
      A first session:
        codistill cache build --teacher teacher.gguf --data texts/ --output cache
        codistill distill configs/student.yaml training.steps=100
        codistill evaluate --model runs/student --data held-out.jsonl --cache cache

      Exit codes: 0 done, 64 usage, 65 bad or corrupt data, 66 input missing, 69 will not fit, \
      73 cannot create, 74 input or output failed, 75 try again, 78 bad config.
      """,
    version: Version.current,
    subcommands: [
      CacheCommand.self, PretrainCommand.self, DistillCommand.self, CompareCommand.self,
      EvaluateCommand.self, DraftCommand.self, GenerateCommand.self, LogitsCommand.self,
      TokenizerCommand.self, PlanCommand.self, DoctorCommand.self,
    ])

  /// Runs the command line; every error ends here, as one line and an exit code.
  static func main() {
    // A file beyond `ulimit -f` is an error like a full disk, not a death by signal; so is a pipe
    // that nobody reads any more, which must not end a training before it is saved.
    for number in [SIGXFSZ, SIGPIPE] { signal(number, SIG_IGN) }
    // Dispatch's, one that reads ahead, and one that listens to a parent.
    cp_require_basics(Int32(ProcessInfo.processInfo.activeProcessorCount + 2))
    do {
      var command = try parseAsRoot(CommandLineText.requireText())
      try command.run()
    } catch {
      Failure.exit(error)
    }
  }
}

/// The one place where errors end: a line on standard error, and an exit code.
enum Failure {
  /// Ends the process with an error, or with the help that was asked for.
  static func exit(_ error: any Error) -> Never {
    guard let status = status(of: error) else { exitForParser(error) }
    switch error {
    case CommandError.interrupted: Console.command("\(error)")
    case CommandError.leftToOthers: Console.command("error: \(error)")
    default: Console.error(text(of: error))
    }
    Foundation.exit(status.rawValue)
  }

  /// The exit code of an error; nil for those of the argument parser.
  private static func status(of error: any Error) -> ExitStatus? {
    switch error {
    case let error as any ExitStatusError: error.exitStatus
    case is CocoaError, is POSIXError: .inputOutput
    default: Codistill.exitCode(for: error) == .failure ? .internalError : nil
    }
  }

  // Foundation's own description of its errors is a page, or a number.
  private static func text(of error: any Error) -> String {
    guard let error = error as? CocoaError else { return "\(error)" }
    let path = error.userInfo[NSFilePathErrorKey] as? String ?? "a file"
    let code = (error.userInfo[NSUnderlyingErrorKey] as? POSIXError)?.code.rawValue
    let reason = code.map { String(cString: strerror($0)) } ?? "the system gives no reason"
    return "\(path): cannot be used: \(reason)"
  }

  private static func exitForParser(_ error: any Error) -> Never {
    // Help and version are wishes, and go to standard output.
    if Codistill.exitCode(for: error) == .success {
      do { try Console.product(Codistill.fullMessage(for: error) + "\n") } catch { exit(error) }
      Foundation.exit(0)
    }
    let message = Codistill.message(for: error).split(whereSeparator: \.isNewline)
    Console.error("\(message.joined(separator: " ")); --help shows the usage")
    Foundation.exit(ExitStatus.usage.rawValue)
  }
}
