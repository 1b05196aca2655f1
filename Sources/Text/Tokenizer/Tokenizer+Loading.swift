import Files
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
  public func configurationJSON() throws -> Data {
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

extension Tokenizer {
  /// What is to be known where this tokenizer is used with a model that was trained with another one.
  ///
  /// - Parameters:
  ///   - own: The model's own tokenizer.
  ///   - model: What the model is called.
  /// - Returns: How many ids stand for other text, as one phrase; nil where all mean the same.
  public func note(inPlaceOf own: Tokenizer, of model: String) -> String? {
    guard fingerprint != own.fingerprint else { return nil }
    let count = max(vocabularySize, own.vocabularySize)
    let others = (0..<Int32(count)).count { bytes(of: $0) != own.bytes(of: $0) }
    guard others > 0 else { return nil }
    return "\(others) of \(count) ids stand for other text than in the tokenizer of \(model)"
  }
}

extension Tokenizer {
  /// What kind of token each id is, by its bytes: a small number that caches group ids by.
  ///
  /// Letters in lower case 0, after a space 1; beginning with a capital 2, after a space 3; letters
  /// beyond ASCII 4; all else, ids without a token included, 5.
  public func kinds(vocabularySize: Int) -> [UInt8] {
    (0..<vocabularySize).map { Self.kind(of: decoder.bytes(of: Int32($0))) }
  }

  /// The kind of one token.
  static func kind(of bytes: ArraySlice<UInt8>) -> UInt8 {
    let isSpaced = bytes.first == UInt8(ascii: " ")
    let letters = bytes.dropFirst(isSpaced ? 1 : 0)
    guard let first = letters.first else { return 5 }
    if letters.contains(where: { $0 >= 128 }) { return 4 }
    let lower = UInt8(ascii: "a")...UInt8(ascii: "z")
    let upper = UInt8(ascii: "A")...UInt8(ascii: "Z")
    guard letters.allSatisfy({ lower.contains($0) || upper.contains($0) }) else { return 5 }
    return (lower.contains(first) ? 0 : 2) + (isSpaced ? 1 : 0)
  }
}
