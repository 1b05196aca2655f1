package import Base

/// Why the parts that a command was given do not belong together.
package enum PreparationError: Error, Equatable, CustomStringConvertible {
  /// The student's vocabulary is not that of the cache or the teacher at the path.
  case vocabulary(student: Int, cache: Int, path: String)
  /// The cache has ids beyond those of its tokenizer, with probabilities of their own.
  case paddedCache(path: String, cache: Int, tokenizer: Int)
  /// The tokenizer is not the one that the cache was made with.
  case tokenizer(found: String, expected: String, path: String)
  /// The student's vocabulary is not that of the live teacher at the path.
  case teacherVocabulary(student: Int, teacher: Int, path: String)
  /// The tokenizer is not that of the live teacher at the path.
  case teacherTokenizer(found: String, expected: String, path: String)
  /// Students that are to be compared have other tokens than the teacher or arm that is named.
  case comparedTokens(found: String, expected: String, owner: String)
  /// The live teacher is not the one that the cache was made with.
  case otherTeacher(found: String, expected: String, path: String, cache: String)
  /// The cache was made with a finished teacher, or does not say how far the teacher was.
  case noMaturity(path: String)
  /// The tokenizer has ids that the student does not.
  case tokenizerTooLarge(tokenizer: Int, student: Int)
  /// Nothing says what the student looks like.
  case noModel
  /// Nothing says what to learn from.
  case noData
  /// A checkpoint carries no tokenizer.
  case noTokenizer(path: String)
  /// This CPU cannot compute in bfloat16.
  case noBfloat16(remedy: String)
  /// A loss at another temperature than that of the cache's targets.
  case temperature(asked: Double, cache: Double, path: String)
  /// A loss that cannot be had from the sparse targets of a cache.
  case sparseTargets(need: String, remedy: String, path: String)
  /// A model would read more tokens at once than it was made for.
  case beyondContext(model: String, context: Int, longest: Int, remedy: ContextRemedy)
  /// A run's data are not those that it was made with.
  case changedData(path: String)
  /// Text that is to be evaluated is trained on; `key` says where else may be chosen.
  case trainedOn(_ found: String, key: String)
  /// All the text that is to be evaluated is trained on, so that nothing is left.
  case allTrainedOn(_ found: String)
  /// The tokenizer has no token of a role that was asked for.
  case noSpecialToken(role: String)

  /// One line: what, where, what to do.
  package var description: String {
    switch self {
    case .vocabulary(let student, let cache, let path):
      "the student has a vocabulary of \(student), \(path) one of \(cache); "
        + "set model.vocab_size to \(cache), or cache a teacher with the student's tokenizer"
    case .paddedCache(let path, let cache, let tokenizer):
      "\(path) has \(cache) ids, its tokenizer \(tokenizer): probability went to ids that no text "
        + "has; build it again in another folder: earlier versions did not leave them out"
    case .tokenizer(let found, let expected, let path):
      "the tokenizer (SHA-256 \(found.prefix(12))…) is not the one that the cache \(path) was made "
        + "with (\(expected.prefix(12))…); give the teacher's own"
    case .teacherVocabulary(let student, let teacher, let path):
      "the student has a vocabulary of \(student), the teacher \(path) one of \(teacher); "
        + "set model.vocab_size to \(teacher), or ask a teacher with the student's tokenizer"
    case .teacherTokenizer(let found, let expected, let path):
      "the tokenizer (SHA-256 \(found.prefix(12))…) is not that of the teacher \(path) "
        + "(\(expected.prefix(12))…); give the teacher's own"
    case .comparedTokens(let found, let expected, let owner):
      "has \(found), \(owner) \(expected): students are compared on one text in the ids of one "
        + "tokenizer; give them all the same, or measure each by itself with codistill evaluate"
    case .otherTeacher(let found, let expected, let path, let cache):
      "the teacher \(path) (SHA-256 \(found.prefix(12))…) is not the one that the cache \(cache) "
        + "was made with (\(expected.prefix(12))…); ask that one, or remove the cache"
    case .noMaturity(let path):
      "loss.soft.maturity: the cache \(path) has no maturity, its teacher was finished; remove the "
        + "key, or give a cache from pretrain --emit-cache"
    case .tokenizerTooLarge(let tokenizer, let student):
      "the tokenizer has \(tokenizer) ids, the model only \(student); "
        + "set model.vocab_size to at least \(tokenizer)"
    case .noModel: "the config describes no student; add a model section, or initialize.from"
    case .noData: "the config names nothing to learn from; add a data section"
    case .noTokenizer(let path):
      "\(path): carries no tokenizer; put its tokenizer.json into the folder, or name one (--tokenizer, "
        + "or tokenizer: in a config)"
    case .noBfloat16(let remedy): "this CPU has no bfloat16 (AVX512-BF16); \(remedy)"
    case .temperature(let asked, let cache, let path):
      "loss.temperature is \(asked), the targets of \(path) were captured at \(cache), and what was "
        + "dropped there cannot be had back: build a cache with --temperature \(asked), or leave out "
        + "loss.temperature"
    case .sparseTargets(let need, let remedy, let path):
      "\(need) cannot be had from the sparse targets of \(path), which are right on average only in "
        + "what is linear in the teacher's probabilities; \(remedy)"
    case .beyondContext(let model, let context, let longest, let remedy):
      "\(model) was made for \(context) tokens (max_position_embeddings) and would read \(longest); "
        + remedy.text(context: context)
    case .changedData(let path):
      "\(path): the data that its config names have changed since, or lie elsewhere"
    case .trainedOn(let found, let key):
      "\(found): hold them out there (split: train and the same held_out, or --held-out when a cache is "
        + "built), or choose \(key): remove, or keep"
    case .allTrainedOn(let found):
      "\(found), so that nothing is left to evaluate; hold text out of the training"
    case .noSpecialToken(let role):
      "the tokenizer has no \(role) token; name model.\(role)_token_id, or leave out --\(role) or "
        + "\(role): true in the config"
    }
  }
}

extension PreparationError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .vocabulary, .tokenizer, .tokenizerTooLarge, .paddedCache, .comparedTokens: .badData
    case .noTokenizer: .missingInput
    case .trainedOn, .allTrainedOn, .changedData: .badData
    case .beyondContext(_, _, _, .option): .usage
    case .beyondContext(_, _, _, .cache): .badData
    case .beyondContext(_, _, _, .key): .badConfig
    case .noBfloat16: .willNotFit
    case .noModel, .noData, .noSpecialToken, .temperature, .sparseTargets: .badConfig
    case .teacherVocabulary, .teacherTokenizer, .otherTeacher, .noMaturity: .badConfig
    }
  }
}
