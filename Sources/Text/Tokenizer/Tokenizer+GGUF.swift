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
    definition.merges = try TokenizerDefinition.merges(
      try gguf.pairs(source), in: try definition.contentTable(), source: source)
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

  fileprivate func pairs(_ source: String) throws -> [(String, String)] {
    try merges.enumerated().map { index, merge in
      let parts = TokenizerDefinition.split(merge)
      guard parts.count == 2 else {
        throw TokenizerError.merge(source: source, index: index, reason: "is not two tokens")
      }
      return (parts[0], parts[1])
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
