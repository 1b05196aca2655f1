import Base
import Foundation

/// The metrics of a run, one JSON object a line. (`metrics.jsonl`)
///
/// A line is one `write` to the end of the file, so a process that is killed tears at most the
/// last one; reading passes over it, and resuming removes it.
package struct MetricsLog: Sendable {
  /// The file.
  package let path: String

  /// The log at a path, which need not exist yet.
  package init(path: String) { self.path = path }

  /// Adds a line.
  package func append(_ record: MetricsRecord) throws {
    let line = try JSONEncoder.ofRuns.line(record)
    try OpenedFile(appendingTo: path).write(line)
  }

  /// The records so far, in the order in which they were written.
  package func records() throws -> [MetricsRecord] {
    let decoder = JSONDecoder.ofRuns
    var records: [MetricsRecord] = []
    for (index, line) in try lines().enumerated() {
      do {
        records.append(try decoder.decode(MetricsRecord.self, from: Data(line.utf8)))
      } catch {
        throw RunError.corrupt(path: path, reason: "line \(index + 1) is no record of metrics")
      }
    }
    return records
  }

  /// Removes the records past a step, and a torn last line: a run that resumes there writes
  /// them again.
  package func truncate(pastStep step: Int) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let kept = zip(try lines(), try records()).filter { $0.1.step <= step }.map { $0.0 + "\n" }
    try AtomicFile.write(kept.joined(), to: path)
  }

  /// The whole lines; what follows the last line break was torn off.
  private func lines() throws -> [String] {
    guard FileKind(of: path) != nil else { return [] }
    let bytes = try OpenedFile(reading: path).readAll()
    let end = bytes.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.startIndex
    return bytes[..<end].split(separator: UInt8(ascii: "\n")).map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}
