/// The whole of a tokenizer, whatever file it came from; it is compiled, saved and fingerprinted.
struct TokenizerDefinition: Sendable {
  /// A token of the model's vocabulary; `content` is spelled in `ByteAlphabet`.
  struct Entry: Sendable {
    var content: String
    var id: Int32
  }

  /// Two ids that merge into the token that spells both.
  struct Merge: Sendable, Hashable {
    var left: Int32
    var right: Int32
  }

  /// The ids that a token may have; the bound keeps a hostile file from claiming gigabytes.
  static let ids: Range<Int32> = 0..<(1 << 24)

  /// The file that errors name.
  var source: String
  /// The vocabulary, added tokens included where the file has them in both places.
  var vocabulary: [Entry]
  /// The merges, the first joined first.
  var merges: [Merge]
  /// The tokens found before splitting.
  var addedTokens: [AddedToken]
  /// The steps of normalisation.
  var normalizers: [Normalizer] = []
  /// The splitting of text into pieces.
  var preTokenizer: PreTokenizer
  /// The special tokens around a text.
  var template = SpecialTokenTemplate()
  /// Whether a piece that is a token becomes it without merging.
  var ignoresMerges = false
  /// The token for bytes that the vocabulary lacks.
  var unknownID: Int32?
  /// Whether neighbouring unknown bytes make one token.
  var fusesUnknown = false

  /// The largest id plus one.
  var vocabularySize: Int {
    let largest = max(vocabulary.map(\.id).max() ?? -1, addedTokens.map(\.id).max() ?? -1)
    return Int(largest) + 1
  }
}

extension TokenizerDefinition {
  /// A table of the vocabulary's ids by content; refuses a token or an id that comes twice.
  func contentTable() throws -> TokenTable {
    var table = TokenTable(capacity: vocabulary.count)
    try checkSpread()
    var taken = [Bool](repeating: false, count: vocabularySize)
    for entry in vocabulary {
      guard table.insert(Array(entry.content.utf8), entry.id) == nil else {
        throw invalid("the token '\(entry.content)' is there twice")
      }
      guard !taken[Int(entry.id)] else { throw invalid("the id \(entry.id) has two tokens") }
      taken[Int(entry.id)] = true
    }
    guard !taken.isEmpty else { throw invalid("it has no tokens") }
    try checkAddedTokens(table, &taken)
    for id in template.prefix + template.suffix where !taken.indices.contains(Int(id)) {
      throw invalid("the template's id \(id) has no token")
    }
    return table
  }

  /// Tables by id take memory by the largest, which a file must not make large with one line.
  private func checkSpread() throws {
    let count = vocabulary.count + addedTokens.count
    guard vocabularySize > 65_536 + 4 * count else { return }
    throw invalid("the id \(vocabularySize - 1) is far beyond its \(count) tokens")
  }

  private func checkAddedTokens(_ table: TokenTable, _ taken: inout [Bool]) throws {
    var added = TokenTable(capacity: addedTokens.count)
    for token in addedTokens {
      guard added.insert(Array(token.content.utf8), token.id) == nil else {
        throw invalid("the added token '\(token.content)' is there twice")
      }
      let known = table.id(of: Array(token.content.utf8).span)
      guard known == nil || known == token.id else {
        throw invalid("the added token '\(token.content)' has another id in the vocabulary")
      }
      guard known != nil || !taken[Int(token.id)] else {
        throw invalid("the id \(token.id) of the added token '\(token.content)' is taken")
      }
      taken[Int(token.id)] = true
    }
  }

  /// An error about the vocabulary.
  func invalid(_ reason: String) -> TokenizerError { .vocabulary(source: source, reason: reason) }
}
