import Capture

/// What a tokenizer is trained on.
struct TokenizerRequest {
  /// The texts.
  var data: DataConfig
  /// V, special tokens included.
  var vocabSize: Int
  /// The special tokens, in the order of their ids.
  var specialTokens: [String]
  /// The `tokenizer.json` to write.
  var output: String
}
