import Foundation

/// Tokenizers from tiktoken files, such as Llama 4's tokenizer.model.
extension Tokenizer {
  /// Loads lines of "base64 rank", ranks being ids, with special tokens appended after the last.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - pattern: the splitting expression, such as `PreTokenizerPattern.o200k`.
  ///   - specials: the special tokens in the order of their ids.
  /// - Throws: `TokenizerError`.
  public init(tiktoken path: String, pattern: String, specials: [String]) throws {
    let ranks = try TiktokenRanks(contentsOf: path)
    let splitter: Splitter
    do throws(PatternError) {
      splitter = Splitter(pattern: try Pattern(pattern), behavior: .isolated)
    } catch {
      throw TokenizerError.pattern(source: path, reason: "\(error)")
    }
    let first = Int32(ranks.tokens.count)
    var definition = TokenizerDefinition(
      source: path, vocabulary: ranks.entries, merges: ranks.merges,
      addedTokens: specials.enumerated().map { AddedToken(id: first + Int32($0), content: $1) },
      preTokenizer: try PreTokenizer([
        .split(splitter), .byteLevel(addsPrefixSpace: false, splits: false),
      ]))
    definition.ignoresMerges = true
    try self.init(definition)
  }
}

/// The tokens of a tiktoken file by rank.
struct TiktokenRanks {
  /// By rank, the bytes of each token.
  var tokens: [[UInt8]] = []
  private var table = TokenTable(capacity: 0)

  /// Reads a file of "base64 rank" lines, whose ranks count up from 0.
  init(contentsOf path: String) throws {
    let lines = try Tokenizer.read(path).split(separator: UInt8(ascii: "\n"))
    guard !lines.isEmpty, lines.count < TokenizerDefinition.ids.count else {
      throw TokenizerError.malformedRanks(path: path, line: 1, reason: "\(lines.count) lines")
    }
    table = TokenTable(capacity: lines.count)
    for (index, line) in lines.enumerated() {
      let fields = line.split(separator: UInt8(ascii: " "))
      guard fields.count == 2, let token = Data(base64Encoded: Data(fields[0])), !token.isEmpty,
        Int(String(decoding: fields[1], as: UTF8.self)) == index
      else {
        throw TokenizerError.malformedRanks(
          path: path, line: index + 1, reason: "not a token with the rank \(index)")
      }
      // Each way to cut a token is looked at.
      guard token.count <= 1024 else {
        throw TokenizerError.malformedRanks(
          path: path, line: index + 1, reason: "a token of \(token.count) bytes, over 1024")
      }
      guard table.insert(Array(token), Int32(index)) == nil else {
        throw TokenizerError.malformedRanks(path: path, line: index + 1, reason: "a token again")
      }
      tokens.append(Array(token))
    }
  }

  /// The tokens as vocabulary entries.
  var entries: [TokenizerDefinition.Entry] {
    tokens.enumerated().map { .init(content: ByteAlphabet.token(of: $1), id: Int32($0)) }
  }

  /// All ways to make each token of two others, by the token's rank, then the parts' ranks.
  ///
  /// tiktoken joins the pair whose concatenation ranks lowest; as a list of merges that is this
  /// order, which Hugging Face's conversion uses too.
  var merges: [TokenizerDefinition.Merge] {
    tokens.flatMap { token in
      (1..<max(token.count, 1)).compactMap { cut -> TokenizerDefinition.Merge? in
        guard let left = table.id(of: token.span.extracting(0..<cut)),
          let right = table.id(of: token.span.extracting(cut..<token.count))
        else { return nil }
        return TokenizerDefinition.Merge(left: left, right: right)
      }
      .sorted { ($0.left, $0.right) < ($1.left, $1.right) }
    }
  }
}
