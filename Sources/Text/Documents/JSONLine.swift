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
  func document(textKey: String) throws -> Document {
    let source = "\(path):\(number)"
    if let text = value[textKey] {
      return Document(text: try string(text, under: textKey), source: source)
    }
    guard textKey == "text", let prompt = value["prompt"], let completion = value["completion"]
    else {
      throw DocumentError.missingKey(
        path: path, line: number, key: textKey, found: (value.members ?? []).map(\.key))
    }
    return Document(
      prompt: try string(prompt, under: "prompt"),
      text: try string(completion, under: "completion"), source: source)
  }

  private func string(_ value: JSONValue, under key: String) throws -> String {
    guard let text = value.string else {
      throw DocumentError.notText(path: path, line: number, key: key, found: value.kind)
    }
    return text
  }
}
