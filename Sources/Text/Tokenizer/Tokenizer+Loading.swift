import Base
public import Foundation

/// Loading and saving in Hugging Face's format.
extension Tokenizer {
  /// Loads a tokenizer.json, or the one in a folder.
  ///
  /// A tokenizer_config.json beside it says which tokens begin and end a text.
  /// - Throws: `TokenizerError`.
  public init(contentsOf path: String) throws {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    var file = URL(filePath: path)
    if exists && isFolder.boolValue { file.append(component: "tokenizer.json") }
    guard !isFolder.boolValue || FileManager.default.fileExists(atPath: file.path) else {
      throw TokenizerError.noTokenizer(folder: path)
    }
    let json = try Self.read(file.path)
    let definition = try TokenizerDefinition(json: Array(json), source: file.path)
    let config = file.deletingLastPathComponent().appending(component: "tokenizer_config.json")
    try self.init(definition, roles: TokenRoles(contentsOf: config.path, definition))
  }

  /// Loads the text of a tokenizer.json; `source` is what errors call it.
  /// - Throws: `TokenizerError`.
  public init(json: Data, source: String) throws {
    try self.init(try TokenizerDefinition(json: Array(json), source: source))
  }

  /// The bytes of a file, or an error that names it.
  static func read(_ path: String) throws(TokenizerError) -> Data {
    do {
      return Data(try OpenedFile(reading: path).readAll())
    } catch {
      switch error {
      case .pointer(let pointer): throw .notFetched("\(pointer)")
      case .unreadable(_, let reason): throw .unreadable(path: path, reason: reason)
      default: throw .unreadable(path: path, reason: "no such file")
      }
    }
  }

  /// The text of a tokenizer.json that Hugging Face's `tokenizers` loads.
  public func json() throws -> Data { Data(definition.json().serialized()) }

  /// The text of the tokenizer_config.json that names the tokenizer's class, BOS, EOS and padding.
  package func configurationJSON() throws -> Data {
    var members = [
      JSONMember("tokenizer_class", "PreTrainedTokenizerFast"),
      JSONMember("clean_up_tokenization_spaces", false),
    ]
    let roles = [
      ("bos_token", bosTokenID), ("eos_token", eosTokenID), ("pad_token", paddingTokenID),
    ]
    for case (let key, let id?) in roles {
      members.append(JSONMember(key, .string(decode([id]))))
    }
    return Data(JSONValue.object(members).serialized())
  }
}

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
    let splitter = try TokenizerError.naming(path) { () throws(PatternError) in
      Splitter(pattern: try Pattern(pattern), behavior: .isolated)
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
