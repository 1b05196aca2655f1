import Base

/// A JSON value that knows where it stands, so that errors about a tokenizer name file and key.
struct JSONNode {
  /// The value itself.
  let value: JSONValue
  /// The file the value is from.
  let source: String
  /// The keys that lead to the value, joined by dots; empty at the top.
  let path: String

  /// The node under a key, or nil when it is absent or null.
  func child(_ key: String) -> JSONNode? {
    value[key].map { JSONNode(value: $0, source: source, path: joined(key)) }
  }

  /// The node under a key that must be there.
  func required(_ key: String) throws -> JSONNode {
    guard let child = child(key) else {
      throw TokenizerError.missingKey(source: source, key: joined(key))
    }
    return child
  }

  /// The text of this string.
  func text() throws -> String {
    guard let text = value.string else { throw wrongKind("a string") }
    return text
  }

  /// The value of this whole number.
  func integer() throws -> Int {
    guard let number = value.integer else { throw wrongKind("a whole number") }
    return number
  }

  /// The elements of this array.
  func elements() throws -> [JSONNode] {
    guard let elements = value.array else { throw wrongKind("an array") }
    return elements.enumerated().map { index, element in
      JSONNode(value: element, source: source, path: joined(String(index)))
    }
  }

  /// The members of this object.
  func members() throws -> [JSONMember] {
    guard let members = value.members else { throw wrongKind("an object") }
    return members
  }

  /// The boolean under a key, or `absent` without one.
  func flag(_ key: String, absent: Bool) throws -> Bool {
    guard let child = child(key) else { return absent }
    guard let flag = child.value.bool else { throw child.wrongKind("true or false") }
    return flag
  }

  /// An error that says what kind of value should be here.
  func wrongKind(_ expected: String) -> TokenizerError {
    .wrongKind(source: source, key: path, expected: expected, found: value.kind)
  }

  /// An error that says that `found` is not supported here.
  func unsupported(_ part: String, _ found: String, supported: String) -> TokenizerError {
    .unsupported(source: source, part: part, found: found, supported: supported)
  }

  private func joined(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
