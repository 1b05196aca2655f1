import ArgumentParser
import Base
import Foundation

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
