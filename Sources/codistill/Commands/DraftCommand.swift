import ArgumentParser
import Base
import Capture
import Measuring
import Models
import Reports
import Text
import Training

/// `codistill draft`.
struct DraftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "draft",
    abstract: "Say whether a student speeds its teacher up as the draft of speculative decoding.",
    discussion: """
      The teacher writes texts after beginnings of documents; both models are scored along them, for
      drafts of up to --max-draft-length tokens, and timed on this machine as 'generate' decodes. A
      sampled draft is that of Leviathan et al.; a greedy one is the default of vLLM and llama.cpp;
      at temperature 0 the teacher is greedy, too.

      Example:
        codistill draft --model runs/student --teacher runs/teacher --data texts/
        codistill draft --model runs/student --teacher teacher.gguf --data chats.jsonl \\
          --split held_out --held-out 0.02 --temperature 0.7 --max-draft-length 4 --json
      """)

  @Option(help: "The draft: a Hugging Face folder, a .gguf file or a run directory.")
  var model: String
  @Option(help: "The model that it drafts for, with the same tokenizer.")
  var teacher: String
  @OptionGroup var texts: DataOptions
  @Option(help: "A tokenizer.json, or a folder with one (default: the model's).")
  var tokenizer: String?
  @Option(help: "The temperature of both models, as they will be served.")
  var temperature = 1.0
  @Option(help: "The most tokens to draft in a round.")
  var maxDraftLength = 8
  @Option(help: "The most tokens of the teacher's text in all, drawn and greedy ones each.")
  var tokens = 2048
  @Option(help: "The most tokens of a text.")
  var maxTokens = 64
  @Option(help: "The tokens of a document that begin a text; a record with a prompt has its own.")
  var promptTokens = 32
  @Option(help: "What the teacher's text is drawn with.")
  var seed = 0
  @Option(help: "A JSON-lines file to write: the tokens of each beginning and of its texts.")
  var output: String?
  @Option(
    help: """
      Documents that the model's run trained on: refuse, remove or keep (default: keep, and count).
      """)
  var overlap = OverlapRule.keep
  @OptionGroup var context: ContextOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    try texts.requireAny()
    try Limits.within(1...64, maxDraftLength, "--max-draft-length")
    try Limits.within(Limits.context, tokens, "--tokens")
    try Limits.within(Limits.context, maxTokens, "--max-tokens")
    try Limits.within(Limits.context, promptTokens, "--prompt-tokens")
    try Limits.atLeast(0, seed, "--seed")
    guard temperature >= 0, temperature.isFinite else {
      throw ValidationError("--temperature takes at least 0, found \(temperature)")
    }
    guard maxTokens > maxDraftLength else {
      throw ValidationError(
        "--max-tokens \(maxTokens) holds no round of --max-draft-length \(maxDraftLength) and a "
          + "token of the teacher; give at least \(maxDraftLength + 1)")
    }
    guard tokens >= maxTokens else {
      throw ValidationError(
        "--tokens \(tokens) holds no text of --max-tokens \(maxTokens); give at least as many")
    }
  }

  func run() throws {
    try InputPath.require(model, remedy: "check --model")
    try InputPath.require(teacher, remedy: "check --teacher")
    if let tokenizer { try InputPath.require(tokenizer, remedy: "check --tokenizer") }
    machine.apply()
    let (report, speed, present) = try measure()
    let answer = Answer(
      report,
      [
        "temperature": temperature, "maxDraftLength": maxDraftLength, "speed": speed,
        "output": output, "bosAlreadyThere": present.bosAlreadyThere,
        "eosAlreadyThere": present.eosAlreadyThere,
      ])
    try Console.result(answer, asJSON: format.json) { report.text(speed, temperature) }
  }
}

extension DraftCommand {
  private func measure() throws -> (DraftReport, DraftSpeed, PresentMarks) {
    let padded = try Checkpoint.open(Checkpoint.path(ofModel: model))
    guard let tokenizer = try padded.tokenizer(at: tokenizer, inPlaceOfThatOf: model) else {
      throw PreparationError.noTokenizer(path: model)
    }
    let checkpoint = padded.cut(to: tokenizer)
    let other = try Checkpoint.teacher(at: teacher, of: checkpoint, at: model, tokenizer)
    let ends = try tokenizer.endTokens()
    let (prompts, present) = try prompts(tokenizer)
    try check(prompts, checkpoint.config, other.config)
    // An output that cannot be is told before minutes of measuring.
    let file: AtomicFile? = if let output { try AtomicFile(path: output) } else { nil }
    let models = (draft: try Decoder(checkpoint), target: try Decoder(other))
    let line = ProgressLine("writing and scoring", total: prompts.count, unit: "texts")
    let texts = try DraftMeasurement(
      models.draft, for: models.target, temperature: temperature, seed: UInt64(seed), ends: ends
    ).texts(after: prompts, limit: maxTokens) { line.update(done: $0) }
    line.finish()
    guard let report = DraftReport(texts, longest: maxDraftLength) else {
      throw CommandError.outOfRange(
        "every text of the teacher ends before a round of \(maxDraftLength) drafted tokens and one "
          + "of its own; give a lower --max-draft-length, or more or other --data")
    }
    if let file {
      try file.write(try lines(texts).utf8)
      try file.commit()
    }
    let times = DraftTimes(
      models.draft, for: models.target, texts: texts, longest: maxDraftLength)
    if let note = present.note { Console.note(note) }
    return (report, DraftSpeed(report, times), present)
  }

  /// The beginnings of as many documents as there are texts.
  private func prompts(
    _ tokenizer: Tokenizer
  ) throws -> (prompts: [[Int32]], present: PresentMarks) {
    guard let data = try texts.config(defaultSplit: .all) else { throw PreparationError.noData }
    // Whole documents: a prompt is not to be cut.
    let heldOut = try HeldOutData(data, tokenizer: tokenizer, window: Limits.sequence.upperBound)
      .apart(fromTextsOf: model, tokenizer, overlap)
    if let passedOver = PassedOverFiles(heldOut.passedOver) { Console.note(passedOver.note) }
    let found = DraftPrompts(
      of: try heldOut.sequences(), tokens: promptTokens, count: tokens / maxTokens)
    guard !found.prompts.isEmpty else {
      throw CommandError.mismatch(
        "no document has --prompt-tokens \(promptTokens); the longest has "
          + "\(found.longestDocument): give at most as many")
    }
    return (found.prompts, heldOut.present)
  }

  /// Throws where the texts are longer than a model's context, or do not fit into memory.
  private func check(
    _ prompts: [[Int32]], _ draft: DecoderConfig, _ target: DecoderConfig
  ) throws {
    let longest = (prompts.map(\.count).max() ?? 0) + maxTokens
    for (path, config) in [(model, draft), (teacher, target)] {
      let note = try config.contextNote(
        reading: longest - 1, path, isAllowed: context.beyondContext,
        .option("--prompt-tokens and --max-tokens, together"))
      if let note { Console.warning(note) }
    }
    let keys = MemoryNeed.cacheBytes(target, context: longest, bytesPerNumber: 4)
    try MemoryShortage.check(
      "the models, with texts of \(longest) tokens,",
      needs: MemoryNeed.evaluation([draft, target], window: longest, at: prompts.count)
        + Parallel.threadCount * (keys + 24 * target.vocabSize))
  }

  /// A line for each beginning, with the tokens of its texts.
  private func lines(_ texts: [DraftText]) throws -> String {
    try texts.map { text in
      try JSONOutput.line(
        Answer(["prompt": text.prompt, "tokens": text.sampled, "greedyTokens": text.greedy]))
        + "\n"
    }.joined()
  }
}
