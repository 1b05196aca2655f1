package import Base
import Foundation

/// The ids of the tokens that begin and end a text and fill up short rows.
package struct TokenRoles: Sendable, Equatable {
  /// The purpose of a special token.
  package enum Role: String, Sendable, CaseIterable {
    case bos, eos
    case padding = "pad"
  }

  /// The token that begins a text.
  package var bos: Int32?
  /// The token that ends a document.
  package var eos: Int32?
  /// Every token that ends a text, the documents' one among them.
  package var ends: [Int32] = []
  /// The token that fills up short rows.
  package var padding: Int32?
  /// The roles of which a config and the tokenizer say different things.
  package var conflicts: [RoleConflict] = []
  /// The roles of which the tokenizer's own files speak; of the others its tokens' names do.
  var stated: Set<Role> = []

  /// No roles.
  package init() {}
}

/// A role of which a model's config and its tokenizer say different things.
package struct RoleConflict: Error, Sendable, Equatable, CustomStringConvertible {
  /// The role.
  package var role: TokenRoles.Role
  /// The config that names the id.
  package var source: String
  /// The token that it names, and what the tokenizer says of it.
  package var problem: String
  /// Whether the id means something else; else it is only not the one that documents get.
  package var isWrong: Bool

  /// The problem, its place and the remedy, in one line.
  package var description: String {
    "\(source): \(role.rawValue)_token_id \(problem); correct \(role.rawValue)_token_id, or give "
      + "the tokenizer that belongs to the model"
  }
}

/// The special tokens that a model's config names, by role; nil where it does not speak of one.
package struct NamedTokens: Sendable, Equatable {
  /// The file or section, for messages.
  package var source: String
  /// The tokens that may begin a text: the first is meant, unless the tokenizer knows better.
  package var bos: [Int32]?
  /// Every token that ends a text.
  package var eos: [Int32]?
  /// The token that fills up short rows, the first of these.
  package var padding: [Int32]?

  /// The tokens that a config names.
  package init(
    source: String, bos: [Int32]? = nil, eos: [Int32]? = nil, padding: [Int32]? = nil
  ) {
    self.source = source
    self.bos = bos
    self.eos = eos
    self.padding = padding
  }
}

extension Tokenizer {
  /// The token that begins a text, where the config, the tokenizer's files or its names tell.
  package var bosTokenID: Int32? { roles.bos }
  /// The token that ends a document, where the config, the tokenizer's files or its names tell.
  package var eosTokenID: Int32? { roles.eos }
  /// The token that fills up short rows, where the config or the tokenizer's files tell.
  package var paddingTokenID: Int32? { roles.padding }

  /// The tokenizer of a model whose config names some of the special tokens.
  ///
  /// Roles that the config does not name stay as the tokenizer has them. Contradictions are kept in
  /// ``TokenRoles/conflicts``, for whoever uses the role.
  package func following(_ named: NamedTokens) -> Tokenizer {
    var tokenizer = self
    tokenizer.roles.conflicts += conflicts(named)
    if let bos = named.bos {
      tokenizer.roles.bos = roles.bos.flatMap { bos.contains($0) ? $0 : nil } ?? bos.first
    }
    if let ends = named.eos {
      tokenizer.roles.eos = roles.eos.flatMap { ends.contains($0) ? $0 : nil } ?? ends.first
      tokenizer.roles.ends = ends
    }
    if let padding = named.padding { tokenizer.roles.padding = padding.first }
    return tokenizer
  }

  private func conflicts(_ named: NamedTokens) -> [RoleConflict] {
    var found: [RoleConflict] = []
    func look(_ role: TokenRoles.Role, _ ids: [Int32]?, own: Int32?, other: Int32?) {
      guard let ids, !ids.isEmpty else { return }
      let isKnown = own.map(ids.contains) == true
      // Of several BOS the tokenizer's own is taken; of several ends each counts.
      let used = role == .bos ? isKnown ? [] : [ids[0]] : ids.filter { $0 != own }
      if let wrong = used.lazy.compactMap({ self.problem($0, role, other) }).first {
        found.append(RoleConflict(role: role, source: named.source, problem: wrong, isWrong: true))
      } else if let own, !isKnown, roles.stated.contains(role) {
        found.append(
          RoleConflict(
            role: role, source: named.source,
            problem: "names \(ids.map(spelled).joined(separator: ", ")), but the tokenizer's own "
              + "is \(spelled(own))", isWrong: false))
      }
    }
    look(.bos, named.bos, own: roles.bos, other: roles.eos)
    look(.eos, named.eos, own: roles.eos, other: roles.bos)
    return found
  }

  /// The objection to an id in a role, other than that the tokenizer prefers another.
  private func problem(_ id: Int32, _ role: TokenRoles.Role, _ other: Int32?) -> String? {
    if id == other {
      return "names \(spelled(id)), the tokenizer's \(role == .bos ? "eos" : "bos") token"
    }
    if definition.addedTokens.contains(where: { $0.id == id }) { return nil }
    return bytes(of: id).isEmpty
      ? "names \(id), of which the tokenizer has no token"
      : "names \(spelled(id)), an ordinary token of the tokenizer"
  }

  private func spelled(_ id: Int32) -> String { "\(id) ('\(decode([id]))')" }
}

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
      switch role {
      case .bos: bos = id
      case .eos: eos = id
      case .padding: padding = id
      }
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

extension RoleConflict: ExitStatusError {
  package var exitStatus: ExitStatus { .badConfig }
}
