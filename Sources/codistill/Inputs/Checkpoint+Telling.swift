import Capture
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

  /// Returns the tokenizer at a path, with a warning where its ids stand for other text than in that
  /// of the model; without a path the model's own, if it has one.
  func tokenizer(at path: String?, inPlaceOfThatOf model: String) throws -> Tokenizer? {
    guard let path else { return try tokenizer() }
    let given = try Tokenizer(source: path).following(named)
    if let note = try tokenizer().flatMap({ given.note(inPlaceOf: $0, of: model) }) {
      Console.warning("--tokenizer: \(note)")
    }
    return given
  }
}

extension DecoderConfig {
  /// Throws where a token is not one of the model's.
  func requireIDs(_ tokens: [Int32]) throws(CommandError) {
    guard let id = tokens.first(where: { $0 < 0 || Int($0) >= vocabSize }) else { return }
    throw .outOfRange("token id \(id) is outside the model's vocabulary of \(vocabSize)")
  }
}

extension MemoryShortage {
  /// Throws where work does not fit into the memory that this process may use.
  static func check(_ work: String, needs needed: Int) throws(MemoryShortage) {
    try check(work, needs: needed, of: MemoryFacts.current.usable)
  }
}
