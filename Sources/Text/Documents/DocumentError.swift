package import Base

/// The reason that data cannot be read; each description is one line that names the file and the
/// remedy.
package enum DocumentError: Error, Equatable, CustomStringConvertible {
  /// There is no such file or folder.
  case missing(path: String)
  /// The system refuses to read it.
  case unreadable(path: String, reason: String)
  /// Git LFS or git-annex put a pointer in the file's place; the text says so.
  case notFetched(String)
  /// A pipe where the data are read more than once.
  case readOnce(path: String)
  /// No document in all of the paths.
  case empty(paths: [String])
  /// Bytes that are not UTF-8.
  case notUTF8(path: String, line: Int, hint: String)
  /// A line that is not a JSON object.
  case malformedLine(path: String, line: Int, reason: String)
  /// A value that is asked for and is no sound JSON.
  case badValue(path: String, line: Int, key: String, reason: String)
  /// A JSON line without the key that holds the text.
  case missingKey(path: String, line: Int, key: String, found: [String])
  /// A JSON line whose text is not a string.
  case notText(path: String, line: Int, key: String, found: String)
  /// A file of a format that is neither text nor JSON.
  case unsupported(path: String, format: String, remedy: String)
  /// JSON that holds no records.
  case noRecords(path: String, found: String)
  /// A text that begins as JSON records do, and breaks.
  case brokenJSON(path: String, line: Int, reason: String)
  /// A file named `.json` that is none.
  case notJSON(path: String)
  /// A chat where a text should be.
  case chat(path: String, line: Int, key: String)
  /// A line longer than the limit, in bytes.
  case lineTooLong(path: String, line: Int, limit: Int)
  /// A plain text file (one document) longer than the limit, in bytes.
  case fileTooLong(path: String, limit: Int)
  /// A compressed file that ends in the middle.
  case truncated(path: String, format: String)
  /// A compressed file that something else follows in the same file.
  case trailingBytes(path: String, format: String, offset: Int)
  /// A Zstandard file that needs a dictionary.
  case needsDictionary(path: String, dictionary: Int)
  /// A Zstandard file that refers farther back than there is memory, in bytes.
  case windowTooLarge(path: String, window: Int, available: Int)
  /// A compressed file that does not decode.
  case corrupt(path: String, format: String, reason: String)
  /// A held-out fraction outside 0 ≤ f < 1.
  case heldOutFraction(Double)
  /// A sequence length, or a limit of tokens, below 1.
  case notPositive(name: String, value: Int)
  /// No document on the wanted side of the split.
  case emptySplit(Split, documents: Int, fraction: Double)
  /// Documents, but none of at least two tokens.
  case nothingToPredict(documents: Int)
  /// Documents, but all of them are in the cache already.
  case nothingNew(documents: Int)
  /// Documents, but prompts cover every window of theirs whole.
  case nothingCounts(documents: Int, sources: [String])

  /// The problem, its place and the remedy, in one line.
  package var description: String {
    switch self {
    case .missing(let path): "\(path): no such file or folder; check the path"
    case .unreadable(let path, let reason):
      "\(path): cannot be read (\(reason)); check its permissions"
    case .notFetched(let text): text
    case .readOnce(let path):
      "\(path): is read several times here, which a pipe cannot be; write it to a file first"
    case .empty(let paths):
      "\(paths.joined(separator: ", ")): no text in it; name files or folders that hold text"
    case .notUTF8(let path, let line, let hint):
      "\(path):\(line): not valid UTF-8\(hint); convert the file or leave it out"
    case .malformedLine(let path, let line, let reason):
      "\(path):\(line): not a JSON object: \(reason); mend or delete the line"
    case .badValue(let path, let line, let key, let reason):
      "\(path):\(line): '\(key)' cannot be read: \(reason); mend or delete the line"
    case .missingKey(let path, let line, let key, let found):
      "\(path):\(line): no key '\(key)' (keys: \(found.joined(separator: ", "))); "
        + "name the key that holds the text (--text-key), give prompt and completion, "
        + Self.orText
    case .notText(let path, let line, let key, "null"):
      "\(path):\(line): '\(key)' is null, not a string; leave such lines out "
        + "(jq -c 'select(.\(key) != null)')"
    case .notText(let path, let line, let key, let found):
      "\(path):\(line): '\(key)' is \(found), not a string; mend or delete the line"
    case .unsupported(let path, let format, let remedy):
      "\(path): \(format), which is not read; \(remedy)"
    case .noRecords(let path, let found):
      "\(path): \(found), which is no document; turn it into JSON lines of objects with a text, "
        + Self.orText
    case .brokenJSON(let path, let line, let reason):
      "\(path):\(line): begins as JSON does, but is none: \(reason); mend it, " + Self.orText
    case .notJSON(let path):
      "\(path): its name says JSON, its content does not; rename it, " + Self.orText
    case .chat(let path, let line, let key):
      "\(path):\(line): '\(key)' is a list of chat messages, and chats are not supported; render "
        + "them to a text, or to prompt and completion, with the teacher's chat template "
        + "(transformers: apply_chat_template(messages, tokenize=False))"
    case .lineTooLong(let path, let line, let limit):
      "\(path):\(line): a line of more than \(limit) bytes; split it into several documents"
    case .fileTooLong(let path, let limit):
      "\(path): a text of more than \(limit) bytes; split it or turn it into JSON lines"
    case .truncated(let path, let format):
      "\(path): the \(format) data end too early; fetch or compress the file again"
    case .trailingBytes(let path, let format, let offset):
      "\(path): what follows the \(format) data at byte \(offset) is none; cut it off "
        + "(head -c \(offset)) or fetch the file again"
    case .needsDictionary(let path, let dictionary):
      "\(path): zstd data made with dictionary \(dictionary); decompress it with zstd -d -D"
    case .windowTooLarge(let path, let window, let available):
      "\(path): its zstd window is \(Self.gigabytes(window)), of which \(Self.gigabytes(available)) "
        + "of memory are free; free more, or run zstd -d --long=31 where there is more"
    case .corrupt(let path, let format, let reason):
      "\(path): not valid \(format) data (\(reason)); fetch or compress the file again"
    case .heldOutFraction(let fraction):
      "a held-out fraction of \(fraction) is not from 0 up to but below 1; choose one that is"
    case .notPositive(let name, let value): "\(name) is \(value); choose at least 1"
    case .emptySplit(let split, let documents, let fraction):
      "none of the \(documents) documents falls into the \(split.rawValue) part at a held-out "
        + "fraction of \(fraction); give more documents (JSON lines) or change the fraction"
    case .nothingCounts(let documents, let sources):
      "\(sources.joined(separator: ", ")): no prediction counts: the prompts of all \(documents) "
        + "documents cover their windows whole; give completions, or a limit on tokens that does "
        + "not cut them off"
    case .nothingNew(let documents):
      "all \(documents) documents are in the cache already; give others"
    case .nothingToPredict(let documents):
      "none of the \(documents) documents has two tokens; give longer texts, or add BOS"
    }
  }

  private static let orText =
    "or read the file as text as it stands (--data-format text; format: text in a config)"

  private static func gigabytes(_ bytes: Int) -> String {
    "\((Double(bytes) / Double(1 << 30) * 10).rounded() / 10) GiB"
  }
}

extension DocumentError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .missing, .unreadable: .missingInput
    case .heldOutFraction, .notPositive: .usage
    case .notFetched, .readOnce, .empty, .notUTF8, .malformedLine, .badValue, .missingKey,
      .notText, .unsupported, .noRecords, .brokenJSON, .notJSON, .chat, .lineTooLong,
      .fileTooLong, .truncated, .trailingBytes, .needsDictionary, .windowTooLarge, .corrupt,
      .emptySplit, .nothingToPredict, .nothingNew, .nothingCounts:
      .badData
    }
  }
}
