package import Base
import Foundation

/// An event file that TensorBoard shows: numbers by step and by time.
///
/// TensorBoard takes each folder with event files for a run and reads all its files in the order
/// of their names, so that a resumed run simply writes another one. The file is closed with the
/// writer.
package final class TensorBoardWriter {
  /// The file.
  package let path: String
  private let file: OpenedFile

  /// A new file `events.out.tfevents.SECONDS.HOST` in a folder, which is made if need be; a number
  /// follows where there is one of that name already.
  ///
  /// - Parameters:
  ///   - folder: The run's folder.
  ///   - wallTime: The seconds since 1970; nil is now.
  ///   - host: The name of the machine in the file's name.
  /// - Throws: `TensorBoardError`.
  package init(
    folder: String, wallTime: Double? = nil, host: String = "codistill"
  ) throws(TensorBoardError) {
    let wallTime = wallTime ?? Self.now
    let second = Int(exactly: wallTime.rounded(.down)) ?? 0
    let name = "events.out.tfevents.\(Self.digits(second)).\(Self.plain(host))"
    do { try Folder.make(folder) } catch {
      throw .cannotCreate(path: folder, reason: "\(error)")
    }
    path = Self.free(folder + "/" + name)
    do { file = try OpenedFile(creating: path) } catch {
      throw .cannotCreate(path: path, reason: "\(error)")
    }
    try write(TensorBoardEvent.head(wallTime: wallTime))
  }

  /// Writes the numbers of a step, which are then on disk as far as a reader is concerned.
  ///
  /// - Parameters:
  ///   - scalars: The names, in which a slash makes a group, and the numbers.
  ///   - step: The step.
  ///   - wallTime: The seconds since 1970; nil is now.
  /// - Throws: `TensorBoardError.cannotWrite`.
  package func add(
    _ scalars: [(name: String, value: Double)], step: Int,
    wallTime: Double? = nil
  ) throws(TensorBoardError) {
    guard !scalars.isEmpty else { return }
    try write(TensorBoardEvent.scalars(scalars, step: step, wallTime: wallTime ?? Self.now))
  }

  private func write(_ bytes: [UInt8]) throws(TensorBoardError) {
    do {
      try file.write(bytes)
    } catch {
      throw .cannotWrite(path: path, reason: "\(error)")
    }
  }

  private static var now: Double { Date().timeIntervalSince1970 }

  /// Ten digits, as TensorBoard pads them, so that names sort by time.
  private static func digits(_ seconds: Int) -> String {
    let text = String(max(seconds, 0))
    return String(repeating: "0", count: max(0, 10 - text.count)) + text
  }

  private static func plain(_ host: String) -> String {
    String(host.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." ? $0 : "-" })
  }

  private static func free(_ path: String) -> String {
    guard FileManager.default.fileExists(atPath: path) else { return path }
    let number = (1...).first { !FileManager.default.fileExists(atPath: "\(path).\($0)") } ?? 1
    return "\(path).\(number)"
  }
}

/// The reason why an event file could not be written.
package enum TensorBoardError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file cannot be made.
  case cannotCreate(path: String, reason: String)
  /// The file cannot be written on.
  case cannotWrite(path: String, reason: String)

  /// The file, what was wrong with it, and what to do.
  package var description: String {
    switch self {
    case .cannotCreate(let path, let reason):
      "\(path): cannot make an event file (\(reason)); choose a folder that can be written to"
    case .cannotWrite(let path, let reason):
      "\(path): cannot write events (\(reason)); free some space, or go on without TensorBoard"
    }
  }
}

extension TensorBoardError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .cannotCreate: .cannotCreate
    case .cannotWrite: .inputOutput
    }
  }
}
