import Distillation
import Foundation
import Models
import Reports
import Shards
import Tensors
import Text

extension Engine {
  /// Runs the teacher over texts and writes, or resumes, a cache.
  static func buildCache(_ request: CaptureRequest, output: String) throws -> CacheSummary {
    var open = try open(request)
    let directory = URL(filePath: output)
    try spend(&open, in: directory)
    let builder = CacheBuilder(
      teacher: open.teacher, sequences: open.data.sequences, capture: open.capture)
    let line = ProgressLine("caching", total: open.data.predictionCount, unit: "tokens")
    let began = ContinuousClock.now
    let outcome = try builder.build(
      directory: directory, isInterrupted: { Interruption.isRequested }
    ) { line.update(done: $0.tokens) }
    line.finish()
    switch outcome {
    case .interrupted: throw CommandError.interrupted(resume: CommandLineText.quoted)
    case .finished(let manifest, let newTokens):
      let seconds = (ContinuousClock.now - began) / .seconds(1)
      var summary = CacheSummary(manifest)
      summary.seconds = seconds
      summary.tokensPerSecond = Double(newTokens) / seconds
      summary.peakRssBytes = ProcessMemory.peakBytes
      return summary
    }
  }
}

extension Console {
  /// Tells what was left out of the data, where anything was.
  static func note(_ data: PackedData) {
    let parts = [
      (data.duplicatesDropped, "exact copies"), (data.outsideSplit, "of the other split"),
      (data.tooShort, "too short"), (data.emptyDocuments, "empty"),
      (data.emptyFiles, "empty files"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    let left = parts.isEmpty ? "" : "; left out: " + parts.joined(separator: ", ")
    Terminal.writeToStandardError(
      "\(data.documentCount) documents, \(Figures.count(data.predictionCount)) predictions\(left)\n"
    )
  }
}
