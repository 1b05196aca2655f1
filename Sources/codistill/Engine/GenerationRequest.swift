/// What is continued, and how.
struct GenerationRequest {
  /// The model's checkpoint.
  var model: String
  /// A tokenizer; nil takes the model's.
  var tokenizer: String?
  /// The beginning of the text.
  var prompt: String
  /// Whether BOS goes before the prompt.
  var bos: Bool
  /// The most tokens that are drawn; nil draws 64, or those that the model's context has room for.
  var maxTokens: Int?
  /// Whether the model may read more tokens than it was made for.
  var beyondContext: Bool
  /// 0 takes the likeliest token each time.
  var temperature: Double
  /// The least set of likeliest tokens with this much probability is drawn from.
  var topP: Double
  /// What the tokens are drawn with.
  var seed: Int
}
