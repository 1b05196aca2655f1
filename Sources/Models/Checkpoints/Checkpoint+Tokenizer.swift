import Files
import Foundation
public import Text

extension Checkpoint {
  /// The tokenizer that lies with the model: `tokenizer.json`, or the vocabulary inside a GGUF.
  ///
  /// Its special tokens are those that the checkpoint's configs name, else its own.
  ///
  /// - Returns: nil when the checkpoint has none.
  /// - Throws: `TokenizerError` or `GGUFError` when there is one that cannot be used.
  public func tokenizer() throws -> Tokenizer? {
    switch storage {
    case .gguf(let file):
      return try file.vocabulary().map { try Tokenizer(gguf: $0).following(named) }
    case .safetensors(let files):
      let folder = files.first.map { FolderSync.parent(of: $0.path) } ?? path
      let file = folder + "/tokenizer.json"
      guard FileManager.default.fileExists(atPath: file) else { return nil }
      return try Tokenizer(contentsOf: file).following(named)
    }
  }
}
