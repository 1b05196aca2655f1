import Foundation
import Models
public import Text

extension Tokenizer {
  /// The tokenizer at a path: a tokenizer.json, a folder with one, or a checkpoint that carries
  /// one.
  ///
  /// A model's configs beside it name its special tokens.
  public init(source path: String) throws {
    guard path.hasSuffix(".gguf") else {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      let folder =
        isFolder.boolValue ? path : URL(filePath: path).deletingLastPathComponent().path
      let tokenizer = try Tokenizer(contentsOf: path)
      self = tokenizer.following(
        try NamedTokens(folder: folder, vocabSize: 1 << 24))
      return
    }
    guard let tokenizer = try Checkpoint.open(path).tokenizer() else {
      throw PreparationError.noTokenizer(path: path)
    }
    self = tokenizer
  }
}
