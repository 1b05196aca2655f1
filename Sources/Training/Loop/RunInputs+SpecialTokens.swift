import Capture
import Models
import Text

extension RunInputs {
  /// The student and its tokenizer, with special tokens that the config names, else the checkpoint
  /// that it begins with, else the tokenizer, else none.
  ///
  /// - Throws: `RoleConflict` where a config names what the tokenizer says is something else,
  ///   `DecoderConfigError` for an id beyond the vocabulary.
  static func specialTokens(
    _ config: RunConfig, _ tokenizer: Tokenizer?, _ source: Checkpoint?, _ student: DecoderConfig
  ) throws -> (Tokenizer?, DecoderConfig) {
    var named: [NamedTokens] = []
    if let source, try handsOn(source, to: tokenizer) { named.append(source.named) }
    if let model = config.model {
      named.append(
        try NamedTokens(
          section: model.values, source: "\(model.place)", vocabSize: student.vocabSize))
    }
    guard let tokenizer else {
      return (nil, try checked(student.naming(TokenRoles(named)), config))
    }
    let resolved = named.reduce(tokenizer) { $0.following($1) }
    for role in TokenRoles.Role.allCases { try resolved.requireNoConflict(role) }
    return (resolved, try checked(student.naming(resolved.roles), config))
  }

  /// Whether a checkpoint's ids mean the same to the student's tokenizer.
  private static func handsOn(_ source: Checkpoint, to tokenizer: Tokenizer?) throws -> Bool {
    guard let tokenizer, let own = try source.tokenizer() else { return true }
    return own.fingerprint == tokenizer.fingerprint
  }

  private static func checked(
    _ student: DecoderConfig, _ config: RunConfig
  ) throws(DecoderConfigError) -> DecoderConfig {
    let ids: [(key: String, ids: [Int?])] = [
      ("bos_token_id", [student.bosTokenId]), ("eos_token_id", student.eosTokenIds),
      ("pad_token_id", [student.padTokenId]),
    ]
    for (key, ids) in ids {
      guard let outside = ids.compactMap({ $0 }).first(where: { $0 >= student.vocabSize })
      else { continue }
      throw .invalidValue(
        file: config.model.map { "\($0.place)" } ?? "the student", key: key,
        problem: "is \(outside), outside the vocabulary of \(student.vocabSize)")
    }
    return student
  }
}

extension TokenRoles {
  /// The roles that configs name, the later ones winning.
  fileprivate init(_ named: [NamedTokens]) {
    self.init()
    for named in named {
      if let ids = named.bos { bos = ids.first }
      if let ids = named.eos {
        eos = ids.first
        ends = ids
      }
      if let ids = named.padding { padding = ids.first }
    }
  }
}
