package import Text

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
