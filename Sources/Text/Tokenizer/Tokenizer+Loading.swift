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
