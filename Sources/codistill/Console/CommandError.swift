import Base
import Foundation
import Shards

/// A fault that a command itself finds, before or after a library is asked.
enum CommandError: Error, CustomStringConvertible {
  /// Nothing is at a path that the command reads.
  case missingInput(path: String, remedy: String)
  /// An input of the command cannot be read.
  case unreadable(path: String, reason: String)
  /// An input holds something that another input rules out.
  case mismatch(String)
  /// A number on the command line is beyond what an input holds.
  case outOfRange(String)
  /// A cache has damaged parts; they were listed.
  case damagedCache(path: String, problems: Int)
  /// The work would take more time than the user allows.
  case tooLong(String)
  /// A training's loss or weights are no numbers any more.
  case diverged(String, retry: String)
  /// Standard output takes no more.
  case lostResult(reason: String)
  /// Other processes are making what is left of this one's work.
  case leftToOthers(units: Int, resume: String)
  /// The work stopped on the user's wish, and is saved.
  case interrupted(resume: String)

  /// One line: the path, what was found, and the remedy.
  var description: String {
    switch self {
    case .missingInput(let path, let remedy): "\(path): no such file or folder; \(remedy)"
    case .unreadable(let path, let reason):
      "\(path): cannot be read (\(reason)); give a text as an argument, or a file behind <"
    case .mismatch(let text), .outOfRange(let text), .tooLong(let text): text
    case .damagedCache(let path, let problems):
      "\(path): \(problems) problem\(problems == 1 ? "" : "s"); \(Self.remedy(for: path))"
    case .diverged(let text, let retry): "\(text); run: \(retry)"
    case .lostResult(let reason): "standard output: cannot write the result: \(reason)"
    case .leftToOthers(let units, let resume):
      "\(units) unit\(units == 1 ? " is" : "s are") being made by other processes;"
        + " when they have ended, run: \(resume)"
    case .interrupted(let resume): "stopped, and saved; to go on, run: \(resume)"
    }
  }
}

extension CommandError {
  /// The remedy for a damaged cache: only one whose teacher is at hand can be repaired.
  private static func remedy(for cache: String) -> String {
    let parts = (try? CacheReader.parts(in: URL(filePath: cache))) ?? []
    if parts.contains(where: { $0.capture.arithmetic["source"] != nil }) {
      return "it was imported: remove the folder, and import it again"
    }
    if parts.contains(where: { $0.capture.maturity != nil }) {
      return "a training wrote it: remove the folder, and train with --emit-cache again in another "
        + "output"
    }
    return "to make them again, run \(CommandLineText.command("cache", "repair", cache)) with the "
      + "options that it was built with"
  }
}

extension CommandError: ExitStatusError {
  var exitStatus: ExitStatus {
    switch self {
    case .missingInput, .unreadable: .missingInput
    case .outOfRange: .usage
    case .mismatch, .damagedCache, .diverged: .badData
    case .tooLong: .willNotFit
    case .lostResult: .inputOutput
    case .interrupted, .leftToOthers: .tryAgain
    }
  }
}
