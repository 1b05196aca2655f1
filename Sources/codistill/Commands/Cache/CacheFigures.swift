import Base
import Reports
import Shards
import Text

/// The figures in a cache's manifest. (`cache build`, `cache inspect`)
struct CacheFigures: Encodable {
  private let manifest: CacheManifest
  private var capture: CaptureConfig { manifest.capture }
  private var codec: CacheCodec { capture.codec }

  /// The figures of a cache.
  init(_ manifest: CacheManifest) { self.manifest = manifest }

  func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "sequences": manifest.sequences, "tokens": manifest.tokens, "bytes": manifest.bytes,
      "bytesPerToken": manifest.bytesPerToken, "codec": codec.name, "threshold": codec.threshold,
      "entries": codec.entries, "samples": codec.samples, "draws": capture.draws,
      "temperature": codec.temperature, "vocabSize": capture.vocabularySize,
      "sequenceLength": capture.sequenceLength, "teacher": capture.teacher.name,
      "teacherSha256": capture.teacher.fingerprint, "tokenizerSha256": capture.tokenizerSHA256,
      "dataSha256": capture.dataFingerprint, "seed": capture.seed,
      "maturity": maturity.map {
        Answer([
          "firstStep": $0.first, "lastStep": $0.last, "steps": $0.steps,
          "sequencesPerStep": $0.sequencesPerStep,
        ])
      },
      "teacherContext": teacherContext, "shards": manifest.shards.count,
      "parts": manifest.parts.count,
    ])
  }

  /// Prints the figures; `time` is that of making so many tokens, where any were made, and `present`
  /// counts the marks that documents had already.
  func print(
    _ time: (seconds: Double, tokens: Int)? = nil, _ present: PresentMarks? = nil, asJSON: Bool
  ) throws {
    let answer = Answer(
      self,
      [
        "seconds": time?.seconds, "tokensPerSecond": time.map { Double($0.tokens) / $0.seconds },
        "peakRssBytes": time.map { _ in ProcessMemory.peakBytes },
        "bosAlreadyThere": present?.bosAlreadyThere, "eosAlreadyThere": present?.eosAlreadyThere,
      ])
    try Console.result(answer, asJSON: asJSON) { text(time: time) }
  }

  /// The table for people; `time` is that of making so many tokens, where any were made.
  func text(time: (seconds: Double, tokens: Int)? = nil) -> String {
    var table = Table([.words("cache"), .words("")])
    let shards = manifest.shards.count
    table.append([
      "sequences", "\(manifest.sequences) of up to \(capture.sequenceLength) predictions",
    ])
    table.append(["tokens", Figures.count(manifest.tokens)])
    table.append([
      "size", "\(Figures.bytes(manifest.bytes)) in \(shards) shard\(shards == 1 ? "" : "s")",
    ])
    if manifest.parts.count > 1 { table.append(["parts", "\(manifest.parts.count)"]) }
    table.append(["bytes per token", Figures.decimal(manifest.bytesPerToken, places: 2)])
    table.append(["codec", codecText])
    table.append(["vocabulary", "\(capture.vocabularySize)"])
    for row in originRows { table.append(row) }
    if let time {
      let rate = "\(Figures.count(Double(time.tokens) / time.seconds)) tokens/s"
      table.append(["time", "\(Figures.duration(seconds: time.seconds)), \(rate)"])
    }
    return table.text
  }

  private var originRows: [[String]] {
    var rows = [
      ["teacher", capture.teacher.name], ["teacher SHA-256", capture.teacher.fingerprint],
    ]
    if let maturity {
      rows.append([
        "teacher's training",
        "steps \(maturity.first) to \(maturity.last) of \(maturity.steps), "
          + "\(maturity.sequencesPerStep) sequences each",
      ])
    }
    if let teacherContext {
      rows.append(["teacher's context", "\(teacherContext) tokens; sequences go beyond it"])
    }
    return rows + [
      ["tokenizer SHA-256", capture.tokenizerSHA256], ["data SHA-256", capture.dataFingerprint],
    ]
  }

  private var codecText: String {
    let parameters = [
      codec.threshold.map { "τ = \($0)" }, codec.entries.map { "k = \($0)" },
      codec.samples.map { "n = \($0)" },
    ].compactMap { $0 }
    let all = [codec.name] + parameters + ["T = \(codec.temperature)", "seed \(capture.seed)"]
    return (capture.draws > 1 ? all + ["\(capture.draws) draws"] : all).joined(separator: ", ")
  }

  /// The tokens that the teacher was made for, where it was let read more at once; else nil.
  private var teacherContext: Int? { manifest.parts.compactMap(\.capture.teacherContext).min() }

  /// The steps of a teacher that spoke while it was trained: before the first sequence, before the
  /// last, and in all.
  private var maturity: (first: Int, last: Int, steps: Int, sequencesPerStep: Int)? {
    capture.maturity.map {
      (
        $0.firstStep, $0.step(of: manifest.parts[0].sequences - 1), $0.steps, $0.sequencesPerStep
      )
    }
  }
}
