/// Learns a byte-level byte-pair vocabulary from text.
///
/// After Sennrich, Haddow and Birch (2016): the most frequent pair of adjacent tokens is joined,
/// again and again; of pairs equally frequent the one whose bytes come first, so that the result
/// depends on which documents were seen and not on their order.
/// Ids: the 256 bytes in GPT-2's order, the joined tokens, the special tokens last.
package struct BytePairTrainer: Sendable {
  /// The number of tokens to reach, bytes and special tokens included.
  package let vocabularySize: Int
  /// The special tokens, in the order of their ids.
  package let specialTokens: [String]

  /// Pieces longer than this, in bytes, teach nothing about language (rulers, base64) and are left
  /// out.
  static let pieceLimit = 1024

  private let splitter: Splitter
  private var counts = PieceCounts()

  /// A trainer that has seen nothing.
  ///
  /// - Parameters:
  ///   - vocabularySize: the number of tokens to reach.
  ///   - specialTokens: tokens never made by joining, found literally in text.
  ///   - pattern: the regular expression whose matches bound the tokens.
  /// - Throws: `TokenizerError` when the vocabulary is too small or the pattern does not compile.
  package init(
    vocabularySize: Int, specialTokens: [String] = ["<|begin_of_text|>", "<|end_of_text|>"],
    pattern: String = PreTokenizerPattern.llama3
  ) throws {
    let minimum = 256 + specialTokens.count
    guard vocabularySize >= minimum, vocabularySize <= TokenizerDefinition.ids.count else {
      throw TokenizerError.vocabularyTooSmall(requested: vocabularySize, minimum: minimum)
    }
    self.vocabularySize = vocabularySize
    self.specialTokens = specialTokens
    splitter = try TokenizerError.naming("the training pattern") { () throws(PatternError) in
      Splitter(pattern: try Pattern(pattern), behavior: .isolated)
    }
  }

  /// Counts the pieces of a text.
  ///
  /// - Throws: `TokenizerError` when the pattern takes too many steps.
  package mutating func add(_ text: String) throws {
    let bytes = Array(text.utf8)
    var pieces: [Range<Int>] = []
    try TokenizerError.naming("the training pattern") { () throws(PatternError) in
      try splitter.split(bytes, 0..<bytes.count, into: &pieces)
    }
    for piece in pieces where piece.count <= Self.pieceLimit {
      counts.add(bytes.span.extracting(piece))
    }
  }

  /// The tokenizer that the counted text gives.
  ///
  /// Joining stops early when no pair is left that occurs twice; `vocabularySize` of the result
  /// then is smaller than asked for.
  /// - Throws: `TokenizerError` when a special token comes twice or equals a learnt one.
  package func train() throws -> Tokenizer {
    var learner = MergeLearner(counts)
    while learner.tokens.count < vocabularySize - specialTokens.count, learner.joinBestPair() {}
    let first = Int32(learner.tokens.count)
    let vocabulary = learner.tokens.enumerated().map { id, bytes in
      TokenizerDefinition.Entry(content: ByteAlphabet.token(of: bytes), id: Int32(id))
    }
    return try Tokenizer(
      TokenizerDefinition(
        source: "the trained tokenizer", vocabulary: vocabulary, merges: learner.merges,
        addedTokens: specialTokens.enumerated().map {
          AddedToken(id: first + Int32($0), content: $1)
        },
        preTokenizer: try PreTokenizer([
          .split(splitter), .byteLevel(addsPrefixSpace: false, splits: false),
        ])))
  }
}
