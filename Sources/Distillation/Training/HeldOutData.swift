import Models
import Shards
import Text

/// Held-out windows of text and, if a cache gave them, a teacher's targets.
struct HeldOutData {
  let windows: [PackedSequence]
  let targets: [Targets]?
  let threshold: Float

  /// Scores a model on them.
  func evaluate(_ model: Decoder) throws -> EvaluationReport {
    let reference = targets.map { Evaluator.Reference.stored($0, threshold: threshold) } ?? .text
    return try Evaluator(model, against: reference).evaluate(windows)
  }
}
