import Base
import Capture
import Models
import Reports
import Shards
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
  /// The shape of the student, where a run is planned.
  var student: DecoderConfig?
  /// The student's tokens a second, where they are known.
  var studentTokensPerSecond: Double?
  /// Whether it is likely to pay, where a distillation from the planned cache is planned.
  var payoff: PayoffPlan?

  /// The summary for people.
  var text: String {
    let parts = [
      model?.text, training.map { trainingTable($0).text },
      capture?.text(studentTokensPerSecond: studentTokensPerSecond), payoff?.text,
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
    guard let tokens = training?.tokens, let model else { return nil }
    return Double(tokens) * model.trainingFlopsPerToken
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
      (training.steps.map { "\(Figures.count($0 * training.tokensPerStep)): \($0) steps of " }
        ?? "as many as training.epochs come to, in steps of ") + "\(training.tokensPerStep)",
    ])
    if let flops { table.append(["operations", Figures.count(flops) + "FLOP"]) }
    let isMeasured = training.source == .measured
    table.append([
      "speed",
      "\(Figures.count(training.tokensPerSecond)) tokens/s, "
        + (isMeasured ? "measured on random tokens" : "at most: from the products alone"),
    ])
    if let seconds = training.seconds {
      table.append(["time", (isMeasured ? "" : "at least ") + Self.time(seconds)])
    }
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
      "payoff": payoff,
    ])
  }
}

extension CapturePlan {
  /// The sizes and the times, for people; with those of a student of a speed, if it is known.
  func text(studentTokensPerSecond: Double?) -> String {
    sizesTable.text + "\n\n" + timesTable(studentTokensPerSecond).text
  }

  /// The time of a student's pass with the teacher live, as a multiple of the time without it.
  func liveSlowdown(studentTokensPerSecond: Double) -> Double {
    breakEven.speedup(studentSeconds: Double(tokens) / studentTokensPerSecond)
  }

  private var sizesTable: Table {
    var table = Table([
      .words("codec"), .numbers("entries a token"), .numbers("bytes a token"),
      .numbers("all files"), .numbers("± (95 %)"),
    ])
    for (number, size) in sizes.enumerated() {
      table.append([
        (number == 0 ? "* " : "  ") + size.name, Figures.significant(size.entriesPerToken),
        Figures.decimal(size.bytesPerToken, places: 2), Figures.bytes(size.bytes),
        size.uncertainty.isFinite ? Figures.percent(size.uncertainty) : "?",
      ])
    }
    return table
  }

  private func timesTable(_ studentTokensPerSecond: Double?) -> Table {
    var table = Table([.words("capture"), .words("* as asked for")])
    let part = cutTo.map { " at the first \($0) of sequences, which makes it high" } ?? ""
    let sample = "predicted from \(Figures.count(sampledTokens))" + part
    table.append(["tokens", "\(Figures.count(tokens)) in \(sequences) sequences, \(sample)"])
    table.append([
      "time",
      "\(Figures.duration(seconds: seconds)) at \(Figures.count(tokensPerSecond)) tokens/s",
    ])
    table.append(["teacher live", "\(Figures.count(teacherTokensPerSecond)) tokens/s"])
    table.append(["reading the cache", "\(Figures.count(readTokensPerSecond)) tokens/s a thread"])
    table.append(["pays from", breakEvenText])
    if let studentTokensPerSecond {
      let slowdown = liveSlowdown(studentTokensPerSecond: studentTokensPerSecond)
      table.append([
        "a pass of the student",
        "\(Figures.significant(slowdown)) times as long with the teacher live, "
          + "at the student's \(Figures.count(studentTokensPerSecond)) tokens/s",
      ])
    }
    return table
  }

  private var breakEvenText: String {
    breakEven.passes.map { "pass \($0) over the data (each run, and each epoch, is one)" }
      ?? "no number of passes: reading is no faster than the teacher"
  }
}

extension CapturePlan.Size {
  fileprivate var name: String { codec.kind.title(codec.setting) }
}
