/// One line of a JSON-lines file.
struct JSONLine {
  private let value: JSONValue
  private let path: String
  private let number: Int

  /// Parses a line, which must be an object.
  init(_ bytes: ArraySlice<UInt8>, path: String, number: Int) throws {
    (self.path, self.number) = (path, number)
    do throws(JSONSyntaxError) {
      value = try JSONParser.parse(Array(bytes))
    } catch {
      throw DocumentError.malformedLine(path: path, line: number, reason: "\(error)")
    }
    guard value.members != nil else {
      throw DocumentError.malformedLine(path: path, line: number, reason: "it is \(value.kind)")
    }
  }

  /// Whether a byte is JSON's white space.
  static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  /// The document: the text under the key, or else `prompt` and `completion`.
  ///
  /// The pair is looked for only under the default key: who names a key means it.
  func document(textKey: String, groupKey: String? = nil) throws -> Document {
    let source = "\(path):\(number)"
    let group = try groupKey.map { try self.group(under: $0) }
    if let text = value[textKey] {
      return Document(text: try string(text, under: textKey), source: source, group: group)
    }
    guard textKey == "text", let prompt = value["prompt"], let completion = value["completion"]
    else {
      throw DocumentError.missingKey(
        path: path, line: number, key: textKey, found: (value.members ?? []).map(\.key))
    }
    return Document(
      prompt: try string(prompt, under: "prompt"),
      text: try string(completion, under: "completion"), source: source, group: group)
  }

  /// The document's group: a text, or a whole number such as a year; `other` where there is none.
  private func group(under key: String) throws -> String {
    guard let value = value[key] else { return Document.otherGroup }
    if let number = value.integer { return String(number) }
    let name = try string(value, under: key)
    return name.isEmpty ? Document.otherGroup : name
  }

  private func string(_ value: JSONValue, under key: String) throws -> String {
    guard let text = value.string else {
      throw DocumentError.notText(path: path, line: number, key: key, found: value.kind)
    }
    return text
  }
}
