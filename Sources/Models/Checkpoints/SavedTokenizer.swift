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
    json = try tokenizer.json()
    eos = tokenizer.eosTokenID
  }

  /// The bytes of a `tokenizer.json`, of which nothing else is known.
  public init(json: Data) {
    self.json = json
    eos = nil
  }
}
