import Foundation
import Models
public import Text

extension Tokenizer {
  /// The tokenizer at a path: a tokenizer.json, a folder with one, or a checkpoint that carries
  /// one.
  ///
  /// A model's configs beside it name its special tokens.
  public init(source path: String) throws {
    guard path.hasSuffix(".gguf") else {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      let folder =
        isFolder.boolValue ? path : URL(filePath: path).deletingLastPathComponent().path
      let tokenizer = try Tokenizer(contentsOf: path)
      self = tokenizer.following(
        try NamedTokens(folder: folder, vocabSize: 1 << 24))
      return
    }
    guard let tokenizer = try Checkpoint.open(path).tokenizer() else {
      throw PreparationError.noTokenizer(path: path)
    }
    self = tokenizer
  }
}

extension Tokenizer {
  /// The tokens to put around documents.
  ///
  /// - Throws: ``PreparationError/noSpecialToken(role:)`` where there is none of a role,
  ///   `RoleConflict` where config and tokenizer say different things of it.
  package func marks(bos: Bool, eos: Bool) throws -> DocumentMarks {
    DocumentMarks(
      bos: bos ? try mark(.bos, roles.bos) : nil, eos: eos ? try mark(.eos, roles.eos) : nil,
      ends: roles.ends)
  }

  private func mark(_ role: TokenRoles.Role, _ id: Int32?) throws -> Int32 {
    if let conflict = roles.conflicts.first(where: { $0.role == role }) { throw conflict }
    guard let id else { throw PreparationError.noSpecialToken(role: role.rawValue) }
    return id
  }

  /// Every token that ends a text.
  ///
  /// - Throws: `RoleConflict` where a config names one that the tokenizer says is something else.
  package func endTokens() throws -> [Int] {
    try requireNoConflict(.eos)
    return roles.ends.map(Int.init)
  }

  /// Throws `RoleConflict` where a config names something else as this token.
  package func requireNoConflict(_ role: TokenRoles.Role) throws {
    if let wrong = roles.conflicts.first(where: { $0.role == role && $0.isWrong }) { throw wrong }
  }
}
