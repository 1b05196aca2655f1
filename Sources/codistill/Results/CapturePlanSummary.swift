import Capture
import Reports
import Shards

/// What a capture will take, and what it will save. (`plan --teacher`)
struct CapturePlanSummary: Encodable {
  /// One way to store the teacher's distributions.
  struct Size: Encodable {
    /// The codec.
    var codec: String
    /// τ of threshold, k of topk, the draws of sample.
    var setting: Double?
    /// Stored entries a token.
    var entriesPerToken: Double
    /// The bytes of all files a token.
    var bytesPerToken: Double
    /// The bytes of all files.
    var cacheBytes: Int
    /// The 95 % interval's half-width, as a share.
    var uncertainty: Double
  }

  /// The tokens of the capture.
  var tokens: Int
  /// Its sequences.
  var sequences: Int
  /// The tokens that the prediction rests on.
  var sampledTokens: Int
  /// The tokens of each sequence that were looked at; nil for all.
  var cutTo: Int?
  /// The capture's own codec and then others.
  var sizes: [Size]
  /// The capture's tokens a second.
  var tokensPerSecond: Double
  /// Its hours.
  var hours: Double
  /// The tokens a second of the teacher alone.
  var teacherTokensPerSecond: Double
  /// The tokens a second that one thread reads back.
  var readTokensPerSecond: Double
  /// The passes over the data, of any students, from which on the cache is cheaper; nil for never.
  var breakEvenPasses: Int?
  /// The student's tokens a second, where they are known.
  var studentTokensPerSecond: Double?
  /// How many times as long a pass of the student takes with the teacher live.
  var liveSlowdown: Double?

  /// The summary of a plan, for a student of this speed.
  init(_ plan: CapturePlan, studentTokensPerSecond: Double?) {
    (tokens, sequences, sampledTokens) = (plan.tokens, plan.sequences, plan.sampledTokens)
    (cutTo, sizes) = (plan.cutTo, plan.sizes.map { Size($0) })
    (tokensPerSecond, hours) = (plan.tokensPerSecond, plan.seconds / 3600)
    teacherTokensPerSecond = plan.teacherTokensPerSecond
    readTokensPerSecond = plan.readTokensPerSecond
    breakEvenPasses = plan.breakEven.passes
    self.studentTokensPerSecond = studentTokensPerSecond
    liveSlowdown = studentTokensPerSecond.map {
      plan.breakEven.speedup(studentSeconds: Double(plan.tokens) / $0)
    }
  }

  /// The sizes and the times, for people.
  var text: String { sizesTable.text + "\n\n" + timesTable.text }

  private var sizesTable: Table {
    var table = Table([
      .words("codec"), .numbers("entries a token"), .numbers("bytes a token"),
      .numbers("all files"), .numbers("± (95 %)"),
    ])
    for (number, size) in sizes.enumerated() {
      table.append([
        (number == 0 ? "* " : "  ") + size.name, Figures.significant(size.entriesPerToken),
        Figures.decimal(size.bytesPerToken, places: 2), Figures.bytes(size.cacheBytes),
        size.uncertainty.isFinite ? Figures.percent(size.uncertainty) : "?",
      ])
    }
    return table
  }

  private var timesTable: Table {
    var table = Table([.words("capture"), .words("* as asked for")])
    let part = cutTo.map { " at the first \($0) of sequences, which makes it high" } ?? ""
    let sample = "predicted from \(Figures.count(sampledTokens))" + part
    table.append(["tokens", "\(Figures.count(tokens)) in \(sequences) sequences, \(sample)"])
    table.append([
      "time",
      "\(Figures.duration(seconds: hours * 3600)) at \(Figures.count(tokensPerSecond)) tokens/s",
    ])
    table.append(["teacher live", "\(Figures.count(teacherTokensPerSecond)) tokens/s"])
    table.append(["reading the cache", "\(Figures.count(readTokensPerSecond)) tokens/s a thread"])
    table.append(["pays from", breakEvenText])
    if let liveSlowdown, let studentTokensPerSecond {
      table.append([
        "a pass of the student",
        "\(Figures.significant(liveSlowdown)) times as long with the teacher live, "
          + "at the student's \(Figures.count(studentTokensPerSecond)) tokens/s",
      ])
    }
    return table
  }

  private var breakEvenText: String {
    breakEvenPasses.map { "pass \($0) over the data (each run, and each epoch, is one)" }
      ?? "no number of passes: reading is no faster than the teacher"
  }
}

extension CapturePlanSummary.Size {
  fileprivate init(_ size: CapturePlan.Size) {
    codec = size.codec.name
    setting =
      switch size.codec {
      case .threshold(let threshold, _): threshold
      case .topk(let count, _), .sample(let count, _): Double(count)
      case .dense: nil
      }
    (entriesPerToken, bytesPerToken) = (size.entriesPerToken, size.bytesPerToken)
    (cacheBytes, uncertainty) = (size.bytes, size.uncertainty)
  }

  fileprivate var name: String {
    switch codec {
    case "threshold": "threshold τ = \(setting ?? 0)"
    default: codec + (setting.map { " \(Int($0))" } ?? "")
    }
  }
}
