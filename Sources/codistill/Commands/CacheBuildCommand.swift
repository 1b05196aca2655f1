import ArgumentParser
import Distillation
import Tensors
import Text

/// How a cache stores the teacher's distributions.
enum CodecChoice: String, CaseIterable, ExpressibleByArgument {
  /// Sparse and unbiased.
  case threshold
  /// The most probable entries, the rest as one.
  case topk
  /// Entries drawn at random.
  case sample
  /// The whole vocabulary.
  case dense
}

/// What a cache is made from, and how.
struct CacheRequest {
  /// The teacher's checkpoint.
  var teacher: String
  /// The texts, their sequence length and the most tokens.
  var data: DataConfig
  /// The cache's folder.
  var output: String
  /// How distributions are stored.
  var codec: CodecChoice
  /// τ, the probability from which on an entry is always kept.
  var threshold: Double
  /// k, the entries of a position that `topk` keeps.
  var entries: Int
  /// The draws that `sample` makes at a position.
  var samples: Int
  /// The independent draws of every position's targets.
  var draws: Int
  /// T, which the distributions are captured at.
  var temperature: Double
  /// What the operands of the teacher's matrix products are rounded to.
  var precision: Precision
  /// What the sampled entries are drawn from.
  var seed: Int
  /// The sequences of a shard file; nil leaves it to the format.
  var sequencesPerShard: Int?
}

/// `codistill cache build`.
struct CacheBuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Run the teacher over texts and store what it says; resumes by itself.",
    discussion: """
      Killed at any moment, the same command goes on where it stopped, and gives the same bytes.

      Example:
        codistill cache build --teacher SmolLM2-135M-Instruct.Q4_1.gguf --data bible.jsonl.zst \\
          --output caches/bible --sequence-length 256 --tokens 61440 --held-out 0.02 --tau 0.05
      """)

  @Option(help: "The teacher: a Hugging Face folder, a .gguf file or a run directory.")
  var teacher: String
  @OptionGroup var texts: DataOptions
  @Option(help: "The folder of the cache.")
  var output: String
  @Option(help: "The tokens of a sequence.")
  var sequenceLength = 512
  @Option(help: "The most tokens to cache (default: all).")
  var tokens: Int?
  @Option(
    help: """
      How distributions are stored: threshold (sparse, unbiased), topk (the tail as one), sample \
      (drawn at random) or dense.
      """)
  var codec = CodecChoice.threshold
  @Option(help: "The probability from which on an entry is always kept.")
  var tau = 0.05
  @Option(help: "The most probable tokens that --codec topk keeps (default: 50).")
  var entries: Int?
  @Option(help: "The draws of a position that --codec sample makes (default: 50).")
  var samples: Int?
  @Option(help: "How many independent draws to store, for training over as many epochs.")
  var draws = 1
  @Option(help: "The temperature of the stored distributions; fixed for the life of the cache.")
  var temperature = 1.0
  @Option(help: "The teacher's arithmetic: float32, or bfloat16 at nearly twice the speed.")
  var precision = Precision.float32
  @Option(help: "What the sampled entries are drawn from.")
  var seed = 0
  @Option(help: "The sequences of a shard file.")
  var sequencesPerShard: Int?
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard !texts.data.isEmpty else { throw ValidationError("Missing expected argument '--data'") }
    try Limits.atLeast(2, sequenceLength, "--sequence-length")
    try Limits.atLeast(1, tokens, "--tokens")
    try Limits.atLeast(0, seed, "--seed")
    try Limits.atLeast(1, sequencesPerShard, "--sequences-per-shard")
    try Limits.positive(temperature, "--temperature")
    guard tau > 0, tau <= 1 else {
      throw ValidationError("--tau takes a number above 0 and up to 1, found \(tau)")
    }
    try validateCodec()
  }

  /// Options that the codec would pass over are mistakes.
  private func validateCodec() throws {
    try Limits.atLeast(1, entries, "--entries")
    try Limits.atLeast(1, samples, "--samples")
    try Limits.atLeast(1, draws, "--draws")
    if entries != nil, codec != .topk {
      throw ValidationError("--entries belongs to --codec topk, not to \(codec.rawValue)")
    }
    if samples != nil, codec != .sample {
      throw ValidationError("--samples belongs to --codec sample, not to \(codec.rawValue)")
    }
    if draws > 1, codec == .topk || codec == .dense {
      throw ValidationError(
        "--draws \(draws): all draws of \(codec.rawValue) are alike; "
          + "use --codec threshold or sample")
    }
  }

  func run() throws {
    try InputPath.require(teacher, remedy: "check --teacher")
    machine.apply()
    Interruption.listen()
    let summary = try Engine.buildCache(try request())
    try Console.result(summary, asJSON: format.json) { summary.text }
  }

  private func request() throws -> CacheRequest {
    let data = try texts.config(
      defaultSplit: .train, sequenceLength: sequenceLength, tokens: tokens)
    guard let data else { throw CommandError.missingInput(path: "--data", remedy: "name a text") }
    return CacheRequest(
      teacher: RunDirectory.modelPath(teacher), data: data, output: output, codec: codec,
      threshold: tau, entries: entries ?? 50, samples: samples ?? 50, draws: draws,
      temperature: temperature, precision: precision, seed: seed,
      sequencesPerShard: sequencesPerShard)
  }
}
