import Foundation

extension TokenRoles {
  /// Reads a tokenizer_config.json, where a token is a string or an object with `content`.
  ///
  /// A file that is not there, and a token that the tokenizer lacks, gives no role; null says that
  /// there is none, so that no name is asked either.
  init(contentsOf path: String, _ definition: TokenizerDefinition) throws {
    self.init()
    guard FileManager.default.fileExists(atPath: path) else { return }
    let bytes = Array(try Tokenizer.read(path))
    let json: JSONValue
    do throws(JSONSyntaxError) {
      json = try JSONParser.parse(
        bytes, reading: Set(Role.allCases.map { $0.rawValue + "_token" }))
    } catch {
      throw TokenizerError.malformedJSON(source: path, reason: "\(error)")
    }
    for role in Role.allCases {
      let member = json.members?.first { $0.key == role.rawValue + "_token" }
      guard let value = member?.value else { continue }
      let id = definition.id(ofAdded: value.string ?? value["content"]?.string)
      if id == nil { guard case .null = value else { continue } }
      stated.insert(role)
      set(role, id)
    }
  }

  private mutating func set(_ role: Role, _ id: Int32?) {
    switch role {
    case .bos: bos = id
    case .eos: eos = id
    case .padding: padding = id
    }
  }

  /// The roles with those that the template and the tokens' usual names tell, where no file speaks.
  func completed(by definition: TokenizerDefinition) -> TokenRoles {
    var roles = self
    if !stated.contains(.bos), bos == nil {
      roles.bos = definition.template.prefix.first ?? definition.namedBOS
      if !definition.template.prefix.isEmpty { roles.stated.insert(.bos) }
    }
    if !stated.contains(.eos), eos == nil {
      roles.eos = definition.template.suffix.last ?? definition.namedEOS
      if !definition.template.suffix.isEmpty { roles.stated.insert(.eos) }
    }
    if roles.ends.isEmpty { roles.ends = roles.eos.map { [$0] } ?? [] }
    return roles
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

  fileprivate var namedBOS: Int32? { Self.namesOfBOS.lazy.compactMap { id(ofAdded: $0) }.first }
  fileprivate var namedEOS: Int32? { Self.namesOfEOS.lazy.compactMap { id(ofAdded: $0) }.first }
}
