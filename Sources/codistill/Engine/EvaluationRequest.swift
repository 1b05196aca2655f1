import Capture
import Measuring

/// What is scored, and with what.
struct EvaluationRequest {
  /// The model's checkpoint.
  var model: String
  /// The texts; nil scores the cache's own sequences.
  var data: DataConfig?
  /// The cache to compare with.
  var cache: String?
  /// The checkpoint of a teacher that runs beside the model; nil compares with none.
  var teacher: String?
  /// A tokenizer; nil takes the model's.
  var tokenizer: String?
  /// The tokens of a window; nil takes the model's context.
  var window: Int?
  /// The most predictions that are scored; nil scores all.
  var tokens: Int?
  /// What is done where the model was trained on what is scored.
  var overlap: OverlapRule
  /// Whether the models may read more tokens at once than they were made for.
  var beyondContext = false
}
