extension RecordReader.Record {
  /// The keys that hold chats in the data sets that have them.
  private static let chatKeys = ["messages", "conversations", "conversation", "chosen"]

  /// The document: the text under the key, or else `prompt` and `completion`.
  ///
  /// The pair is looked for only under the default key: who names a key means it.
  /// - Throws: `DocumentError`, naming file and line.
  func document(textKey: String, groupKey: String?, path: String) throws -> Document {
    let group = try groupKey.map { try self.group(under: $0, path) }
    let source = "\(path):\(line)"
    let isPair = textKey == "text" && has("prompt", path) && has("completion", path)
    if !isPair || has(textKey, path) {
      let text = try text(under: textKey, path)
      return Document(text: text, source: source, group: group)
    }
    return Document(
      prompt: try text(under: "prompt", path), text: try text(under: "completion", path),
      source: source, group: group)
  }

  /// Whether there is a value that is not null; one that cannot be read counts.
  private func has(_ key: String, _ path: String) -> Bool {
    switch Result(catching: { try value(key, path) }) {
    case .success(nil), .success(.null): false
    default: true
    }
  }

  private func value(_ key: String, _ path: String) throws -> JSONRecord.Value? {
    do throws(JSONSyntaxError) {
      return try object.value(key)
    } catch {
      throw DocumentError.badValue(path: path, line: line, key: key, reason: "\(error)")
    }
  }

  private func text(under key: String, _ path: String) throws -> String {
    switch try value(key, path) {
    case .string(let text): return text
    case .objects: throw DocumentError.chat(path: path, line: line, key: key)
    case nil: throw missing(key, path)
    case let other?:
      throw DocumentError.notText(path: path, line: line, key: key, found: other.kind)
    }
  }

  private func missing(_ key: String, _ path: String) -> DocumentError {
    for key in Self.chatKeys + ["prompt", "completion"] {
      if case .objects? = try? value(key, path) {
        return .chat(path: path, line: line, key: key)
      }
    }
    return .missingKey(path: path, line: line, key: key, found: object.keys)
  }

  /// The document's group: a text, or a whole number such as a year; `other` where there is none.
  private func group(under key: String, _ path: String) throws -> String {
    switch try value(key, path) {
    case nil, .null, .string(""): return Document.otherGroup
    case .integer(let number): return String(number)
    case .string(let name): return name
    case let other?:
      throw DocumentError.notText(path: path, line: line, key: key, found: other.kind)
    }
  }
}
