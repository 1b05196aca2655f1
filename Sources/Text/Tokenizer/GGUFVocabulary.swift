/// The tokenizer that a GGUF file carries, as its metadata spell it.
public struct GGUFVocabulary: Sendable {
  /// `tokenizer.ggml.tokens`: by id, in the byte alphabet where normal, literal where special.
  public var tokens: [String]
  /// `tokenizer.ggml.token_type`: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.
  package var tokenTypes: [Int32]
  /// `tokenizer.ggml.merges`, each "left right".
  package var merges: [String]
  /// `tokenizer.ggml.pre`, the name of the pre-tokenizer.
  package var preTokenizer: String
  /// `tokenizer.ggml.bos_token_id`.
  package var bosTokenID: Int32?
  /// `tokenizer.ggml.eos_token_id`.
  package var eosTokenID: Int32?
  /// Every token that ends a text: `eos`, `eot` and `eom` of `tokenizer.ggml`.
  package var endTokenIDs: [Int32]
  /// `tokenizer.ggml.padding_token_id`.
  package var paddingTokenID: Int32?
  /// `tokenizer.ggml.add_bos_token`.
  package var addsBOS: Bool?

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

/// Tokenizers from GGUF files.
extension Tokenizer {
  /// The tokenizer that a GGUF file's metadata describe.
  ///
  /// Control and unknown tokens become special added tokens, user-defined ones plain added tokens.
  /// - Throws: `TokenizerError`.
  public init(gguf: GGUFVocabulary) throws {
    let source = "the GGUF tokenizer"
    let kind = try GGUFPreTokenizer(named: gguf.preTokenizer)
    let gguf = gguf.withoutPadding
    guard gguf.tokens.count == gguf.tokenTypes.count,
      gguf.tokens.count <= TokenizerDefinition.ids.count
    else {
      throw TokenizerError.vocabulary(
        source: source,
        reason: "\(gguf.tokens.count) tokens but \(gguf.tokenTypes.count) token types")
    }
    var definition = TokenizerDefinition(
      source: source, vocabulary: gguf.entries, merges: [], addedTokens: gguf.addedTokens,
      preTokenizer: try kind.preTokenizer())
    definition.normalizers = kind.normalizers
    definition.ignoresMerges = kind.ignoresMerges
    var list = MergeList(
      in: try definition.contentTable(), source: source, capacity: gguf.merges.count)
    for merge in gguf.merges { try list.append(merge) }
    definition.merges = list.merges
    if let bos = gguf.bosTokenID, gguf.addsBOS ?? kind.addsBOS {
      definition.template.prefix = [bos]
    }
    try self.init(definition, roles: try gguf.roles())
  }
}

extension GGUFVocabulary {
  /// The vocabulary without the unused tokens at its end, names that converters give to the rows
  /// that pad a matrix.
  fileprivate var withoutPadding: GGUFVocabulary {
    guard tokens.count == tokenTypes.count else { return self }
    var vocabulary = self
    let count = tokenTypes.lastIndex { $0 != 5 }.map { $0 + 1 } ?? tokens.count
    vocabulary.tokens.removeLast(tokens.count - count)
    vocabulary.tokenTypes.removeLast(tokens.count - count)
    return vocabulary
  }

  fileprivate var entries: [TokenizerDefinition.Entry] {
    tokens.enumerated().map { .init(content: $1, id: Int32($0)) }
  }

  fileprivate var addedTokens: [AddedToken] {
    zip(tokens, tokenTypes).enumerated().compactMap { id, token in
      guard (2...4).contains(token.1) else { return nil }
      return AddedToken(id: Int32(id), content: token.0, isSpecial: token.1 != 4)
    }
  }

  fileprivate func roles() throws -> TokenRoles {
    var roles = TokenRoles()
    roles.bos = try checked(bosTokenID)
    roles.eos = try checked(eosTokenID)
    roles.padding = try checked(paddingTokenID)
    roles.ends = try endTokenIDs.compactMap { try checked($0) }
    if roles.bos != nil { roles.stated.insert(.bos) }
    if roles.eos != nil { roles.stated.insert(.eos) }
    return roles
  }

  fileprivate func checked(_ id: Int32?) throws -> Int32? {
    guard let id, !tokens.indices.contains(Int(id)) else { return id }
    throw TokenizerError.vocabulary(
      source: "the GGUF tokenizer", reason: "the special token id \(id) has no token")
  }
}

/// The pre-tokenizers that `tokenizer.ggml.pre` names, as the models' own tokenizers split.
enum GGUFPreTokenizer: String, CaseIterable {
  case gpt2 = "gpt-2"
  case smollm
  case llama3
  case qwen2
  case llama4
  case defaulted = "default"

  private static let synonyms: [String: GGUFPreTokenizer] = [
    "llama-bpe": .llama3, "llama-v3": .llama3, "gpt-4o": .llama4, "starcoder": .smollm,
    "deepseek-r1-qwen": .qwen2,
  ]

  /// The pre-tokenizer of a name; an unknown one, which would split otherwise unnoticed, throws.
  init(named name: String) throws {
    guard let known = Self(rawValue: name) ?? Self.synonyms[name] else {
      let names = Self.allCases.map(\.rawValue) + Self.synonyms.keys
      throw TokenizerError.unknownPreTokenizer(name: name, known: names.sorted())
    }
    self = known
  }

  /// The stages of splitting.
  func preTokenizer() throws -> PreTokenizer {
    let bytes = PreTokenizer.Stage.byteLevel(addsPrefixSpace: false, splits: false)
    let words = PreTokenizer.Stage.byteLevel(addsPrefixSpace: false, splits: true)
    return switch self {
    case .gpt2: try PreTokenizer([words])
    // Every digit on its own first, as the model's tokenizer.json has it.
    case .smollm: try PreTokenizer([.digits(individual: true), words])
    case .llama3: try PreTokenizer([Self.split(PreTokenizerPattern.llama3), bytes])
    case .qwen2: try PreTokenizer([Self.split(PreTokenizerPattern.qwen2), bytes])
    case .llama4: try PreTokenizer([Self.split(PreTokenizerPattern.o200k), bytes])
    // Four splits in turn, as llama.cpp does for files that name none.
    case .defaulted:
      try PreTokenizer(
        [
          #"[\p{P}\$\+<=>\^~\|]+"#,
          #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#,
          #"\p{N}+"#, "[0-9][0-9][0-9]",
        ].map(Self.split) + [bytes])
    }
  }

  private static func split(_ pattern: String) throws -> PreTokenizer.Stage {
    .split(Splitter(pattern: try Pattern(pattern), behavior: .isolated))
  }

  /// Qwen's tokenizer composes characters first; the GGUF does not say so.
  var normalizers: [Normalizer] { self == .qwen2 ? [.unicode(.composed)] : [] }

  /// Whether a piece that is a token becomes it without merging.
  var ignoresMerges: Bool { self == .llama3 || self == .llama4 }

  /// Whether BOS goes before a text when the file does not say.
  var addsBOS: Bool { self == .llama3 || self == .llama4 }
}
