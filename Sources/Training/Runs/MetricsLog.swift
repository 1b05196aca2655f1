import Base
import Foundation
import Losses

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

/// A line of `metrics.jsonl`: what was measured after a step.
///
/// Losses are in nats a token, means over the step's predictions that count. A field that was not
/// measured is absent from the line.
package struct MetricsRecord: Codable, Sendable, Equatable {
  /// The optimizer steps made so far.
  package var step: Int
  /// The predictions trained on so far, those that a mask leaves out included.
  package var tokens: Int
  /// The seconds of training so far.
  package var seconds: Double?
  /// The loss that is minimised, router losses included.
  package var loss: Double?
  /// The divergence from the teacher, unweighted.
  package var softLoss: Double?
  /// The cross-entropy of the labels, unweighted.
  package var hardLoss: Double?
  /// The mean weight of the soft loss, as applied in the step.
  package var softWeight: Double?
  /// The mean weight of the hard loss, as applied in the step.
  package var hardWeight: Double?
  /// The mean of weight times soft loss, times T²: with `hardTerm` and the router's and features'
  /// losses, what `loss` is the sum of.
  package var softTerm: Double?
  /// The mean of weight times hard loss.
  package var hardTerm: Double?
  /// The soft weight that the schedule alone says.
  package var scheduledWeight: Double?
  /// The factor that feedback applies to the scheduled weight.
  package var feedback: Double?
  /// The teacher's share of an interpolated target.
  package var teacherShare: Double?
  /// The weighted distances between hidden states of student and teacher.
  package var featureLoss: Double?
  /// The learning rate of the last step.
  package var learningRate: Double?
  /// The norm of the gradient before clipping, in the last step.
  package var gradientNorm: Double?
  /// The routers' load-balance and z losses, weighted and summed over the layers.
  package var routerLoss: Double?
  /// The greatest share of tokens that one expert took, times the number of experts: 1 is even.
  package var expertMaxLoad: Double?
  /// The predictions trained on per second in the step.
  package var tokensPerSecond: Double?
  /// The cross-entropy on held-out text.
  package var heldOutNll: Double?
  /// The divergence from the teacher on held-out text.
  package var heldOutKl: Double?
  /// The share of held-out positions where teacher and student rank the same token first.
  package var heldOutTop1Agreement: Double?
  /// The sequences of a step in which nothing counted, by their numbers in the data from 0: it
  /// updated nothing, and has no losses.
  package var skippedSequences: [Int]?
  /// The greatest resident memory of the process so far, in bytes.
  package var peakRssBytes: Int?

  /// A record of a step; set what was measured.
  package init(step: Int, tokens: Int) {
    self.step = step
    self.tokens = tokens
  }

  /// Takes in a step's losses and weights, as means over the predictions that count.
  mutating func record(_ sums: LossSums) {
    let count = Double(max(sums.count, 1))
    softLoss = sums.soft / count
    hardLoss = sums.hard / count
    softWeight = sums.softWeight / count
    hardWeight = sums.hardWeight / count
    softTerm = sums.softTerm / count
    hardTerm = sums.hardTerm / count
  }
}
