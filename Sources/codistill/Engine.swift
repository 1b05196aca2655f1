import Distillation

/// The calls from the commands into the libraries, one function each.
///
/// A command reads its options, checks them, calls one of these, and prints what comes back.
enum Engine {
  /// Runs the teacher over texts and writes, or resumes, a cache.
  static func buildCache(_ request: CacheRequest) throws -> CacheSummary {
    throw CommandError.unavailable("cache build")
  }

  /// Trains a student, or goes on with it, until its last step or an interruption.
  static func train(_ config: RunConfig, kind: RunConfig.Kind) throws -> TrainingSummary {
    throw CommandError.unavailable(kind.rawValue)
  }

  /// Trains and measures the runs of a comparison.
  static func compare(_ config: ComparisonConfig) throws -> ComparisonSummary {
    throw CommandError.unavailable("compare")
  }

  /// Scores a text.
  static func evaluate(_ request: EvaluationRequest) throws -> EvaluationSummary {
    throw CommandError.unavailable("evaluate")
  }

  /// Continues a text; `show` is given each piece of text as it comes.
  static func generate(
    _ request: GenerationRequest, show: (String) -> Void
  ) throws -> DecodedText {
    throw CommandError.unavailable("generate")
  }

  /// Writes the logits of a sequence of tokens.
  static func writeLogits(
    model: String, tokens: [Int32], output: String
  ) throws -> LogitsSummary {
    throw CommandError.unavailable("logits")
  }

  /// Trains a byte-level BPE.
  static func trainTokenizer(_ request: TokenizerRequest) throws -> TrainedTokenizer {
    throw CommandError.unavailable("tokenizer train")
  }
}
