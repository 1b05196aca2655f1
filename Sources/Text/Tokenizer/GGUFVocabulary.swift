/// The tokenizer that a GGUF file carries, as its metadata spell it.
public struct GGUFVocabulary: Sendable {
  /// `tokenizer.ggml.tokens`: by id, in the byte alphabet where normal, literal where special.
  public var tokens: [String]
  /// `tokenizer.ggml.token_type`: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.
  public var tokenTypes: [Int32]
  /// `tokenizer.ggml.merges`, each "left right".
  public var merges: [String]
  /// `tokenizer.ggml.pre`, the name of the pre-tokenizer.
  public var preTokenizer: String
  /// `tokenizer.ggml.bos_token_id`.
  public var bosTokenID: Int32?
  /// `tokenizer.ggml.eos_token_id`.
  public var eosTokenID: Int32?
  /// Every token that ends a text: `eos`, `eot` and `eom` of `tokenizer.ggml`.
  public var endTokenIDs: [Int32]
  /// `tokenizer.ggml.padding_token_id`.
  public var paddingTokenID: Int32?
  /// `tokenizer.ggml.add_bos_token`.
  public var addsBOS: Bool?

  /// A vocabulary from the metadata of the same names.
  package init(
    tokens: [String], tokenTypes: [Int32], merges: [String], preTokenizer: String,
    bosTokenID: Int32? = nil, eosTokenID: Int32? = nil, paddingTokenID: Int32? = nil,
    endTokenIDs: [Int32]? = nil, addsBOS: Bool? = nil
  ) {
    self.tokens = tokens
    self.tokenTypes = tokenTypes
    self.merges = merges
    self.preTokenizer = preTokenizer
    self.bosTokenID = bosTokenID
    self.eosTokenID = eosTokenID
    self.paddingTokenID = paddingTokenID
    self.endTokenIDs = endTokenIDs ?? eosTokenID.map { [$0] } ?? []
    self.addsBOS = addsBOS
  }
}
