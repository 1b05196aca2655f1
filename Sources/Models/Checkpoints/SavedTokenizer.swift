public import Foundation
public import Text

/// A tokenizer as it is saved beside a model.
public struct SavedTokenizer: Sendable {
  /// The bytes of its `tokenizer.json`.
  public let json: Data
  /// The token that ended the model's documents; nil takes the first of the config's.
  let eos: Int32?

  /// A tokenizer with what it knows of its special tokens.
  ///
  /// - Throws: `TokenizerError`.
  public init(_ tokenizer: Tokenizer) throws {
    (json, eos) = (try tokenizer.json(), tokenizer.eosTokenID)
  }

  /// The bytes of a `tokenizer.json`, of which nothing else is known.
  public init(json: Data) { (self.json, eos) = (json, nil) }
}
