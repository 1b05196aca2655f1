import Base
import Capture
import Models
import Reports
import Studies

/// The estimate of some work, before any of it is done. (`plan`)
struct Plan {
  /// The bytes of this machine's memory that this process may use.
  let availableBytes = MemoryFacts.current.usable
  /// The model that the config describes.
  var model: ModelPlan?
  /// The run that the config describes.
  var training: TrainingPlan?
  /// The capture.
  var capture: CapturePlan?
  /// The shape of the teacher, where a capture is planned.
  var teacher: DecoderConfig?
  /// The student's tokens a second, where they are known.
  var studentTokensPerSecond: Double?

  /// The summary for people.
  var text: String {
    let parts = [
      model?.text, training.map { trainingTable($0).text },
      capture?.text(studentTokensPerSecond: studentTokensPerSecond),
    ]
    return (parts.compactMap { $0 } + [memoryText]).joined(separator: "\n\n")
  }

  /// Whether the run that the config describes fits into the memory; a model alone is only counted.
  var fits: Bool { (training?.neededBytes ?? 0) <= availableBytes }

  /// Throws where the planned work does not fit.
  func requireRoom() throws(MemoryShortage) {
    let work = capture != nil ? "the capture" : training != nil ? "this training" : nil
    guard let work else { return }
    try MemoryShortage.check(work, needs: training?.neededBytes ?? 0, of: availableBytes)
  }

  /// The largest resident size: of the capture where one is planned, else of training.
  private var peakBytes: Int {
    capture?.peakBytes ?? training?.peakBytes
      ?? model.map { $0.trainingStateBytes + $0.activationBytesPerSequence } ?? 0
  }

  /// The operations of the run.
  private var flops: Double? {
    guard let training, let model else { return nil }
    return Double(training.tokens) * model.trainingFlopsPerToken
  }

  private var memoryText: String {
    let work = capture != nil ? "the capture" : "training"
    let there = Figures.bytes(availableBytes)
    let verdict =
      peakBytes > availableBytes ? "but there are only \(there)" : "there are \(there)"
    return "\(work) takes about \(Figures.bytes(peakBytes)) of memory; \(verdict)"
  }

  /// A time as people read it, also that of a model that was never meant for this machine.
  private static func time(_ seconds: Double) -> String {
    let years = seconds / 3600 / 8766
    return years < 1
      ? Figures.duration(seconds: seconds) : Figures.significant(years) + " years"
  }

  private func trainingTable(_ training: TrainingPlan) -> Table {
    var table = Table([.words("training"), .words("")])
    table.append([
      "tokens",
      "\(Figures.count(training.tokens)): \(training.steps) steps of \(training.tokensPerStep)",
    ])
    table.append(["operations", Figures.count(flops ?? 0) + "FLOP"])
    let isMeasured = training.source == .measured
    table.append([
      "speed",
      "\(Figures.count(training.tokensPerSecond)) tokens/s, "
        + (isMeasured ? "measured on random tokens" : "at most: from the products alone"),
    ])
    table.append([
      "time",
      (isMeasured ? "" : "at least ") + Self.time(training.seconds),
    ])
    return table
  }
}

extension Plan: Encodable {
  func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "parameters": model?.parameters ?? teacher?.parameterCount ?? 0,
      "activeParameters": model?.activeParameters ?? teacher?.activeParameterCount ?? 0,
      "cacheBytes": capture?.sizes.first?.bytes, "peakRssBytes": peakBytes,
      "availableBytes": availableBytes, "model": model,
      "training": training.map { Answer($0, ["flops": flops]) },
      "capture": capture.map { capture in
        Answer(
          capture,
          [
            "studentTokensPerSecond": studentTokensPerSecond,
            "liveSlowdown": studentTokensPerSecond.map {
              capture.liveSlowdown(studentTokensPerSecond: $0)
            },
          ])
      },
    ])
  }
}
