import ArgumentParser
import Distillation
import Shards

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
    let summary = try Engine.importCache(self)
    try Console.result(summary, asJSON: format.json) { summary.text }
  }
}
