import Foundation

/// The tokens that begin and end a text, by their content.
struct TokenRoles {
  /// The token that begins a text.
  var bos: String?
  /// The token that ends a text.
  var eos: String?

  /// Reads a tokenizer_config.json, where a token is a string or an object with `content`.
  ///
  /// A file that is not there names no tokens.
  init(contentsOf path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let json: JSONValue
    do throws(JSONError) {
      json = try JSONParser.parse(Array(try Self.bytes(path)))
    } catch {
      throw TokenizerError.malformedJSON(source: path, reason: "\(error)")
    }
    bos = json["bos_token"]?.string ?? json["bos_token"]?["content"]?.string
    eos = json["eos_token"]?.string ?? json["eos_token"]?["content"]?.string
  }

  private static func bytes(_ path: String) throws(JSONError) -> Data {
    do {
      return try Tokenizer.read(path)
    } catch {
      throw JSONError(offset: 0, reason: "\(error)")
    }
  }
}

extension TokenizerDefinition {
  private static let namesOfBOS = [
    "<|begin_of_text|>", "<|startoftext|>", "<s>", "<bos>", "<|endoftext|>",
  ]
  private static let namesOfEOS = [
    "<|end_of_text|>", "<|endoftext|>", "</s>", "<eos>", "<|im_end|>",
  ]

  /// The id of the added token with this content.
  func id(ofAdded content: String?) -> Int32? {
    guard let content else { return nil }
    return addedTokens.first { $0.content.utf8.elementsEqual(content.utf8) }?.id
  }

  /// The BOS by the template, else by its usual names.
  var guessedBOS: Int32? {
    template.prefix.first ?? Self.namesOfBOS.lazy.compactMap { id(ofAdded: $0) }.first
  }

  /// The EOS by the template, else by its usual names.
  var guessedEOS: Int32? {
    template.suffix.last ?? Self.namesOfEOS.lazy.compactMap { id(ofAdded: $0) }.first
  }
}
