import Distillation
import Foundation
import Reports
import Shards
import Text

extension Engine {
  /// Writes what a cache holds into a plain file.
  static func exportCache(
    _ cache: String, to output: String, format: CacheExporter.Format, sequences: Range<Int>?
  ) throws -> ExportSummary {
    let reader = try CacheReader(directory: URL(filePath: cache))
    let exporter = try CacheExporter(reader, sequences: sequences)
    let count = sequences?.count ?? reader.count
    let line = ProgressLine("exporting", total: count, unit: "sequences")
    try exporter.write(to: output, format: format) { line.update(done: $0) }
    line.finish()
    let file = URL(filePath: output).resolvingSymlinksInPath().path(percentEncoded: false)
    let bytes = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
    return ExportSummary(
      output: output, format: format.rawValue, sequences: count, bytes: bytes ?? 0)
  }

  /// Makes, or resumes, a cache of log-probabilities that were computed elsewhere.
  static func importCache(_ request: CacheImportCommand) throws -> CacheSummary {
    let importer = try importer(request)
    let began = ContinuousClock.now
    let checking = ProgressLine("checking", total: nil, unit: "tokens")
    let survey = try importer.survey { checking.update(done: $0) }
    checking.finish()
    Console.note(survey)
    let line = ProgressLine("importing", total: survey.predictions, unit: "tokens")
    let outcome = try importer.write(
      to: URL(filePath: request.output), survey, isInterrupted: { Interruption.isRequested }
    ) { line.update(done: $0) }
    line.finish()
    guard case .finished(let manifest, let newTokens) = outcome else {
      throw CommandError.interrupted(resume: CommandLineText.quoted)
    }
    var summary = CacheSummary(manifest)
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    (summary.seconds, summary.tokensPerSecond) = (seconds, Double(newTokens) / seconds)
    summary.peakRssBytes = ProcessMemory.peakBytes
    return summary
  }

  private static func importer(_ request: CacheImportCommand) throws -> CacheImporter {
    let tokenizer = try Tokenizer(source: request.tokenizer)
    let vocabulary = tokenizer.vocabularySize
    if let rows = request.vocabSize, rows < vocabulary {
      throw CommandError.outOfRange(
        "--vocab-size \(rows): the tokenizer has \(vocabulary) ids; give at least as many")
    }
    if let rows = request.vocabSize, rows > vocabulary {
      Console.note("--vocab-size \(rows): the cache has the tokenizer's \(vocabulary) ids alone")
    }
    let teacher = CaptureConfig.Teacher(
      name: request.teacherName, fingerprint: request.teacherFingerprint)
    var settings = CacheImporter.Settings(teacher: teacher, vocabularySize: vocabulary)
    (settings.entries, settings.sequenceLength) = (request.entries, request.sequenceLength)
    settings.sequencesPerShard = request.sequencesPerShard
    settings.seed = UInt64(request.seed)
    return CacheImporter(paths: request.files, tokenizer: tokenizer, settings: settings)
  }
}

extension Console {
  /// Tells what an import found, and what its user should know.
  fileprivate static func note(_ survey: CacheImporter.Survey) {
    if let passedOver = PassedOverFiles(survey.passedOver) { note(passedOver.note) }
    note(
      "\(survey.texts) texts, \(Figures.count(survey.predictions)) predictions, "
        + "\(survey.entries) entries each")
    if survey.cut > 0 {
      warning(
        "\(survey.cut) texts are longer than a sequence; the targets of their later parts know "
          + "a context that the student will not see: a longer --sequence-length avoids it")
    }
    if survey.impossible > 0 {
      warning(
        "\(survey.impossible) tokens of the texts have no probability by the teacher; their stored "
          + "log-probability is the least that the cache has, about -4096")
    }
    if survey.unidentified > 0 {
      warning(
        "\(survey.unidentified) entries are parts of characters that may be any of several "
          + "tokens, and count as tail: ask the server for token ids")
    }
  }
}
