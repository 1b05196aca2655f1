import Foundation

/// The ids of the tokens that begin and end a text and fill up short rows.
struct TokenRoles {
  /// The token that begins a text.
  var bos: Int32?
  /// The token that ends a text.
  var eos: Int32?
  /// The token that fills up short rows.
  var padding: Int32?
}

extension TokenRoles {
  /// Reads a tokenizer_config.json, where a token is a string or an object with `content`.
  ///
  /// A file that is not there, and a token that the tokenizer lacks, gives no role.
  init(contentsOf path: String, _ definition: TokenizerDefinition) throws {
    self.init()
    guard FileManager.default.fileExists(atPath: path) else { return }
    let bytes = Array(try Tokenizer.read(path))
    let json: JSONValue
    do throws(JSONSyntaxError) {
      json = try JSONParser.parse(bytes)
    } catch {
      throw TokenizerError.malformedJSON(source: path, reason: "\(error)")
    }
    func id(_ key: String) -> Int32? {
      definition.id(ofAdded: json[key]?.string ?? json[key]?["content"]?.string)
    }
    (bos, eos, padding) = (id("bos_token"), id("eos_token"), id("pad_token"))
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
