package import Base

/// The reason that a tokenizer cannot be loaded, trained or saved; each description is one line
/// with its remedy.
package enum TokenizerError: Error, Equatable, CustomStringConvertible {
  /// There is no such file, or it cannot be read.
  case unreadable(path: String, reason: String)
  /// Git LFS or git-annex put a pointer in the file's place; the text says so.
  case notFetched(String)
  /// A folder without a tokenizer.json.
  case noTokenizer(folder: String)
  /// A file that is not JSON.
  case malformedJSON(source: String, reason: String)
  /// A key that must be there and is not.
  case missingKey(source: String, key: String)
  /// A value of another kind than the format has at this key.
  case wrongKind(source: String, key: String, expected: String, found: String)
  /// A part of the format that byte-level BPE does not need and this tool does not have.
  case unsupported(source: String, part: String, found: String, supported: String)
  /// A regular expression that does not compile or backtracks without bound.
  case pattern(source: String, reason: String)
  /// The same token or id twice, or an id out of range.
  case vocabulary(source: String, reason: String)
  /// A merge that does not join two known tokens into a known one.
  case merge(source: String, index: Int, reason: String)
  /// A GGUF pre-tokenizer that is not known.
  case unknownPreTokenizer(name: String, known: [String])
  /// A line of a tiktoken file that is not `base64 rank`.
  case malformedRanks(path: String, line: Int, reason: String)
  /// A vocabulary too small to hold the bytes and the special tokens.
  case vocabularyTooSmall(requested: Int, minimum: Int)

  /// The problem, its place and the remedy, in one line.
  package var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): cannot be read (\(reason)); check the path and its permissions"
    case .notFetched(let text): text
    case .noTokenizer(let folder):
      "\(folder): has no tokenizer.json; name the folder or file that holds the tokenizer"
    case .malformedJSON(let source, let reason):
      "\(source): not valid JSON: \(reason); fetch the file again or mend it"
    case .missingKey(let source, let key):
      "\(source): the key '\(key)' is missing; this is not a Hugging Face tokenizer.json"
    case .wrongKind(let source, let key, let expected, let found):
      "\(source): '\(key)' should be \(expected) and is \(found); mend the file"
    case .unsupported(let source, let part, let found, let supported):
      "\(source): \(part) '\(found)' is not supported; byte-level BPE with \(supported) is"
    case .pattern(let source, let reason): "\(source): \(reason)"
    case .vocabulary(let source, let reason): "\(source): \(reason); mend the vocabulary"
    case .merge(let source, let index, let reason):
      "\(source): merge \(index): \(reason); the merges do not belong to this vocabulary"
    case .unknownPreTokenizer(let name, let known):
      "the GGUF pre-tokenizer '\(name)' is not known (known: \(known.joined(separator: ", "))); "
        + "use the model's tokenizer.json instead"
    case .malformedRanks(let path, let line, let reason):
      "\(path):\(line): \(reason); expected lines of base64, a space and a rank"
    case .vocabularyTooSmall(let requested, let minimum):
      "a vocabulary of \(requested) cannot hold 256 bytes and the special tokens; "
        + "ask for at least \(minimum)"
    }
  }
}

extension TokenizerError {
  /// The result of a body; a pattern's error becomes one that names the source.
  static func naming<Result>(
    _ source: String, _ body: () throws(PatternError) -> Result
  ) throws -> Result {
    do throws(PatternError) {
      return try body()
    } catch {
      throw TokenizerError.pattern(source: source, reason: "\(error)")
    }
  }
}

extension TokenizerError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .unreadable, .noTokenizer: .missingInput
    case .vocabularyTooSmall: .usage
    case .notFetched, .malformedJSON, .missingKey, .wrongKind, .unsupported, .pattern,
      .vocabulary, .merge, .unknownPreTokenizer, .malformedRanks:
      .badData
    }
  }
}
