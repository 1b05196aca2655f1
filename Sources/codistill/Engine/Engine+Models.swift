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

  /// The path of the model that a path means, having said which checkpoints were passed over.
  static func modelPath(_ path: String) throws -> String {
    let model = try RunDirectory.model(path)
    for checkpoint in model.skipped { Console.warning(checkpoint.note) }
    return model.path
  }
}
