import Capture
import Reports
import Shards

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
