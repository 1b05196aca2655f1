import Reports
import Shards

/// What a cache holds. (`cache build`, `cache inspect`)
struct CacheSummary: Encodable {
  /// The sequences.
  var sequences: Int
  /// The predictions, each with a record.
  var tokens: Int
  /// The bytes of all the files.
  var bytes: Int
  /// The bytes of all the files, for each prediction.
  var bytesPerToken: Double
  /// How the teacher's distributions are stored.
  var codec: String
  /// τ, the probability from which on an entry is always kept; nil for other codecs.
  var threshold: Double?
  /// k, the entries of a top-k position; nil for other codecs.
  var entries: Int?
  /// The random draws of a sampled position; nil for other codecs.
  var samples: Int?
  /// The independent draws of every position's targets.
  var draws: Int
  /// T, which the distributions were captured at.
  var temperature: Double
  /// V, the number of token ids.
  var vocabSize: Int
  /// The most predictions of a sequence.
  var sequenceLength: Int
  /// The teacher's name.
  var teacher: String
  /// The SHA-256 of the teacher's config and weights.
  var teacherSha256: String
  /// The SHA-256 of the tokenizer.
  var tokenizerSha256: String
  /// The SHA-256 of the tokens.
  var dataSha256: String
  /// What the sampled entries were drawn from.
  var seed: UInt64
  /// How far the teacher's own training was when it spoke; nil where it was finished.
  var maturity: Maturity?
  /// The tokens that the teacher was made for, where it was let read more at once; else nil.
  var teacherContext: Int?
  /// The documents of a merged cache that it has more than once, in several parts; else nil.
  var repeatedDocuments: Int?
  /// The documents that began with BOS where --bos asked for one; nil where there were none.
  var bosAlreadyThere: Int?
  /// The documents that ended with an end token where --eos asked for one; nil where there were none.
  var eosAlreadyThere: Int?
  /// The shard files.
  var shards: Int
  /// The captures that the cache is made of.
  var parts: Int
  /// The seconds of running the teacher and writing; nil where the cache was only looked at.
  var seconds: Double?
  /// The predictions cached per second.
  var tokensPerSecond: Double?
  /// The greatest resident memory of the process, in bytes.
  var peakRssBytes: Int?

  /// The summary for people.
  var text: String {
    var table = Table([.words("cache"), .words("")])
    table.append(["sequences", "\(sequences) of up to \(sequenceLength) predictions"])
    table.append(["tokens", Figures.count(tokens)])
    table.append(["size", "\(Figures.bytes(bytes)) in \(shards) shard\(shards == 1 ? "" : "s")"])
    if parts > 1 { table.append(["parts", "\(parts)"]) }
    table.append(["bytes per token", Figures.decimal(bytesPerToken, places: 2)])
    table.append(["codec", codecText])
    table.append(["vocabulary", "\(vocabSize)"])
    table.append(["teacher", teacher])
    table.append(["teacher SHA-256", teacherSha256])
    if let maturity { table.append(["teacher's training", maturity.text]) }
    if let teacherContext {
      table.append(["teacher's context", "\(teacherContext) tokens; sequences go beyond it"])
    }
    table.append(["tokenizer SHA-256", tokenizerSha256])
    table.append(["data SHA-256", dataSha256])
    if let seconds, let tokensPerSecond {
      let rate = "\(Figures.count(tokensPerSecond)) tokens/s"
      table.append(["time", "\(Figures.duration(seconds: seconds)), \(rate)"])
    }
    return table.text
  }

  /// The steps of a teacher that spoke while it was trained.
  struct Maturity: Encodable {
    /// The teacher's updates before the first sequence, and before the last.
    var firstStep, lastStep: Int
    /// The teacher's updates in all.
    var steps: Int
    /// The sequences of a step.
    var sequencesPerStep: Int

    fileprivate var text: String {
      "steps \(firstStep) to \(lastStep) of \(steps), \(sequencesPerStep) sequences each"
    }
  }

  private var codecText: String {
    let parameters = [
      threshold.map { "τ = \($0)" }, entries.map { "k = \($0)" }, samples.map { "n = \($0)" },
    ].compactMap { $0 }
    let all = [codec] + parameters + ["T = \(temperature)", "seed \(seed)"]
    return (draws > 1 ? all + ["\(draws) draws"] : all).joined(separator: ", ")
  }
}

extension CacheSummary {
  /// What a cache's manifest says.
  init(_ manifest: CacheManifest) {
    let capture = manifest.capture
    (sequences, tokens) = (manifest.sequences, manifest.tokens)
    (bytes, bytesPerToken) = (manifest.bytes, manifest.bytesPerToken)
    (codec, threshold) = (capture.codec.name, capture.codec.threshold)
    entries = capture.codec.entries
    samples = capture.codec.samples
    draws = capture.draws
    temperature = capture.codec.temperature
    (vocabSize, sequenceLength) = (capture.vocabularySize, capture.sequenceLength)
    (teacher, teacherSha256) = (capture.teacher.name, capture.teacher.fingerprint)
    (tokenizerSha256, dataSha256) = (capture.tokenizerSHA256, capture.dataFingerprint)
    teacherContext = manifest.parts.compactMap(\.capture.teacherContext).min()
    maturity = capture.maturity.map {
      Maturity(
        firstStep: $0.firstStep, lastStep: $0.step(of: manifest.parts[0].sequences - 1),
        steps: $0.steps, sequencesPerStep: $0.sequencesPerStep)
    }
    (seed, shards, parts) = (capture.seed, manifest.shards.count, manifest.parts.count)
  }
}
