import Foundation
import Training

/// The remains of a run: its weights, and its metrics without the times.
struct RunTrace: Equatable {
  let weights: Data
  let metrics: [MetricsRecord]

  init(_ folder: URL) throws {
    weights = try Data(contentsOf: folder.appending(path: "model/model.safetensors"))
    metrics = try MetricsLog(path: folder.appending(path: "metrics.jsonl").path).records().map {
      var record = $0
      record.seconds = nil
      record.tokensPerSecond = nil
      record.peakRssBytes = nil
      return record
    }
  }
}

extension TrainingRun {
  /// Makes steps until so many are made in all, then asks to stop.
  @discardableResult
  func run(until step: Int, after: (Progress) throws -> Void = { _ in }) throws -> Outcome {
    var made: Int?
    var failure: (any Error)?
    // Nothing but a step tells how far a resumed run is.
    let outcome = try run(isInterrupted: { made.map { $0 >= step } ?? (step == 0) }) { progress in
      made = progress.step
      do { try after(progress) } catch { failure = error }
    }
    if let failure { throw failure }
    return outcome
  }
}
