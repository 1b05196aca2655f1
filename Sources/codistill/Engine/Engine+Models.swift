import Distillation
import Models
import Text

extension Engine {
  /// A checkpoint without rows beyond the tokenizer's ids, having said how many there were.
  static func withoutPadding(_ checkpoint: Checkpoint, _ tokenizer: Tokenizer?) -> Checkpoint {
    let (checkpoint, note) = checkpoint.withoutPadding(tokenizer)
    if let note { Console.note(note) }
    return checkpoint
  }

  /// Says where the ids of a tokenizer that was named stand for other text than in a model's own.
  static func tell(
    _ named: Tokenizer?, inPlaceOfThatOf checkpoint: Checkpoint, _ model: String
  ) throws {
    guard let named, let own = try checkpoint.tokenizer() else { return }
    if let note = named.note(inPlaceOf: own, of: model) { Console.warning("--tokenizer: \(note)") }
  }

  /// The path of the model that a path means, having said which checkpoints were passed over.
  static func modelPath(_ path: String) throws -> String {
    let model = try RunDirectory.model(path)
    for checkpoint in model.skipped { Console.warning(checkpoint.note) }
    return model.path
  }
}
