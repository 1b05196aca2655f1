public import ArgumentParser
public import Shards
public import Tensors

/// `--codec threshold`, `topk`, `sample` or `dense`.
extension CodecKind: ExpressibleByArgument {}

/// The settings by which `cache build` captures a teacher's distributions, and `plan` predicts it.
struct CaptureOptions: ParsableArguments {
  @Option(
    help: "The tokens of a sequence (default: 512, or the teacher's context if that is less).")
  var sequenceLength: Int?
  @OptionGroup var context: ContextOptions
  @Option(help: "The most tokens to cache, of documents taken by their hashes (default: all).")
  var tokens: Int?
  @Option(help: "How distributions are stored: \(CaptureOptions.choices).")
  var codec = CodecKind.threshold
  @Option(
    help: """
      The probability from which on an entry is always kept (default: 0.04, above temperature 1 \
      0.04 / temperature, at least 0.02: no more error than 50 random draws).
      """)
  var tau: Double?
  @Option(help: "Instead of --tau: find the τ that keeps so many entries a token.")
  var entriesPerToken: Double?
  @Option(help: "Instead of --tau: find the τ with which all files take so many bytes a token.")
  var bytesPerToken: Double?
  @Option(help: "The entries that topk keeps.")
  var entries = 50
  @Option(help: "The draws of a position that sample makes.")
  var samples = 50
  @Option(help: "The independent draws of every position that are stored, for many epochs.")
  var draws = 1
  @Option(help: "The temperature of the stored distributions; fixed for the life of the cache.")
  var temperature = 1.0
  @Option(help: "The teacher's arithmetic: float32, or bfloat16 at nearly twice the speed.")
  var precision = Precision.float32
  @Flag(
    help: """
      Run the teacher layer by layer from its file; happens by itself when the weights do not fit \
      into memory. The same bytes come out.
      """)
  var streamLayers = false
  @Option(help: "What the sampled entries are drawn from.")
  var seed = 0
  @Option(help: "The sequences of a shard file.")
  var sequencesPerShard: Int?

  func validate() throws {
    try Limits.within(Limits.sequence, sequenceLength, "--sequence-length")
    try Limits.within(Limits.tokens, tokens, "--tokens")
    try Limits.atLeast(0, seed, "--seed")
    try Limits.within(Limits.shard, sequencesPerShard, "--sequences-per-shard")
    try Limits.within(Limits.entries, entries, "--entries")
    try Limits.within(Limits.entries, samples, "--samples")
    try Limits.within(1...256, draws, "--draws")
    try Limits.positive(temperature, "--temperature")
    if let tau, !(tau > 0 && tau <= 1) {
      throw ValidationError("--tau takes a number above 0 and up to 1, found \(tau)")
    }
    if draws > 1, !codec.isRandom {
      let others = CodecKind.allCases.filter(\.isRandom).map(\.rawValue)
      throw ValidationError(
        "--draws \(draws): all draws of \(codec.rawValue) are alike; "
          + "use --codec \(others.joined(separator: " or "))")
    }
    try validateBudget()
  }

  private func validateBudget() throws {
    let given = [tau, entriesPerToken, bytesPerToken].filter { $0 != nil }
    guard given.count < 2 else {
      throw ValidationError("give one of --tau, --entries-per-token and --bytes-per-token")
    }
    guard given.isEmpty || codec == .threshold else {
      throw ValidationError(
        "--tau, --entries-per-token and --bytes-per-token belong to --codec threshold")
    }
    if let entriesPerToken { try Limits.positive(entriesPerToken, "--entries-per-token") }
    if let bytesPerToken { try Limits.positive(bytesPerToken, "--bytes-per-token") }
  }

  /// The budget that τ is to be found for, if it is to be found.
  var budget: CaptureBudget? {
    if let entriesPerToken { return .entriesPerToken(entriesPerToken) }
    return bytesPerToken.map { .bytesPerToken($0) }
  }

  /// The codecs and what is to be said of them: `threshold (sparse, unbiased), …, sample or dense`.
  private static var choices: String {
    let names = CodecKind.allCases.map { kind in
      kind.rawValue + (kind.remark.map { " (\($0))" } ?? "")
    }
    return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
  }

  /// The numbers that codecs have of their own, by their keys in the manifest.
  private var settings: [String: Double] {
    var settings = ["entries": Double(entries), "samples": Double(samples)]
    settings["threshold"] = tau
    return settings
  }

  /// The codec; its τ is a stand-in where a budget decides.
  var cacheCodec: CacheCodec {
    CacheCodec(
      codec, setting: codec.setting.flatMap { settings[$0.key] }, temperature: temperature)
  }
}

/// `--precision float32` or `--precision bfloat16`.
extension Precision: ExpressibleByArgument {}
