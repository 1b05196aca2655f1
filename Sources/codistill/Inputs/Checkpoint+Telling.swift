import Models
import Text
import Training

extension Checkpoint {
  /// Returns the path of the model that a path means, with a warning for each skipped checkpoint.
  static func path(ofModel path: String) throws -> String {
    let model = try RunDirectory.model(path)
    for checkpoint in model.skipped { Console.warning(checkpoint.note) }
    return model.path
  }

  /// Returns the checkpoint without rows beyond the tokenizer's ids, and notes how many there were.
  func cut(to tokenizer: Tokenizer?) -> Checkpoint {
    let (checkpoint, note) = withoutPadding(tokenizer)
    if let note { Console.note(note) }
    return checkpoint
  }

  /// Warns where the ids of a given tokenizer stand for other text than in the model's own.
  func tell(of named: Tokenizer?, inPlaceOfThatOf model: String) throws {
    guard let named, let own = try tokenizer() else { return }
    if let note = named.note(inPlaceOf: own, of: model) { Console.warning("--tokenizer: \(note)") }
  }
}
