import ArgumentParser
import Capture
import Foundation
import Reports
import Shards
import Text
import Training

/// `codistill cache import`.
struct CacheImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Make a top-k cache of log-probabilities that a server gave; resumes by itself.",
    discussion: """
      JSON lines in the layout of vLLM's prompt_logprobs (with prompt_token_ids), or of OpenAI \
      completions with echo and logprobs; .gz and .zst are undone. Every text and token is checked \
      against the tokenizer before anything is written. Give log-probabilities at temperature 1. \
      Of the tokens that are not given only the mass is known: training and evaluation take them \
      as one, and the cache's entropy is that of k + 1 classes.

      Example:
        codistill cache import answers.jsonl.zst --tokenizer tokenizer.json \\
          --teacher-name Llama-4-Maverick --output caches/maverick
      """)

  @Argument(help: "Files of JSON lines, or folders of them.")
  var files: [String]
  @Option(help: "The teacher's tokenizer: a tokenizer.json or a checkpoint.")
  var tokenizer: String
  @Option(help: "What the teacher is called.")
  var teacherName: String
  @Option(help: "The SHA-256 of the teacher, where it is known.")
  var teacherFingerprint = "unknown"
  @Option(help: "The folder of the cache.")
  var output: String
  @Option(help: "The most probable tokens to keep (default: as many as every position has).")
  var entries: Int?
  @Option(help: "The teacher's number of token ids (default: the tokenizer's).")
  var vocabSize: Int?
  @Option(help: "The tokens of a sequence (default: those of the longest text).")
  var sequenceLength: Int?
  @Option(help: "What the rounding of the values is drawn from.")
  var seed = 0
  @Option(help: "The sequences of a shard file.")
  var sequencesPerShard = 64
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    try Limits.within(Limits.entries, entries, "--entries")
    try Limits.within(Limits.vocabulary, vocabSize, "--vocab-size")
    try Limits.within(1...(1 << 20), sequenceLength, "--sequence-length")
    try Limits.atLeast(0, seed, "--seed")
    try Limits.within(Limits.shard, sequencesPerShard, "--sequences-per-shard")
  }

  func run() throws {
    for path in files + [tokenizer] {
      try InputPath.require(path, remedy: "check the path")
    }
    machine.apply()
    Interruption.listen()
    let importer = try importer()
    let began = ContinuousClock.now
    let (manifest, newTokens) = try importCache(importer)
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    try CacheFigures(manifest).print((seconds, newTokens), asJSON: format.json)
  }
}

extension CacheImportCommand {
  /// Makes, or resumes, a cache of log-probabilities that were computed elsewhere; answers how many
  /// predictions are new.
  private func importCache(_ importer: CacheImporter) throws -> (CacheManifest, newTokens: Int) {
    let checking = ProgressLine("checking", total: nil, unit: "tokens")
    let survey = try importer.survey { checking.update(done: $0) }
    checking.finish()
    Console.note(survey)
    let line = ProgressLine("importing", total: survey.predictions, unit: "tokens")
    let outcome = try importer.write(
      to: URL(filePath: output), survey, isInterrupted: { Interruption.isRequested }
    ) { line.update(done: $0) }
    line.finish()
    guard case .finished(let manifest, let newTokens) = outcome else {
      throw CommandError.interrupted(resume: CommandLineText.quoted)
    }
    return (manifest, newTokens)
  }

  private func importer() throws -> CacheImporter {
    let tokenizer = try Tokenizer(source: tokenizer)
    let vocabulary = tokenizer.vocabularySize
    if let rows = vocabSize, rows < vocabulary {
      throw CommandError.outOfRange(
        "--vocab-size \(rows): the tokenizer has \(vocabulary) ids; give at least as many")
    }
    if let rows = vocabSize, rows > vocabulary {
      Console.note("--vocab-size \(rows): the cache has the tokenizer's \(vocabulary) ids alone")
    }
    let teacher = CaptureConfig.Teacher(
      name: teacherName, fingerprint: teacherFingerprint)
    var settings = CacheImporter.Settings(teacher: teacher, vocabularySize: vocabulary)
    settings.entries = entries
    settings.sequenceLength = sequenceLength
    settings.sequencesPerShard = sequencesPerShard
    settings.seed = UInt64(seed)
    return CacheImporter(paths: files, tokenizer: tokenizer, settings: settings)
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
