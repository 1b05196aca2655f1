import Foundation
import Yams

extension ConfigNode {
  /// The largest config that is read, in bytes.
  static let maximumBytes = 1 << 20

  /// The root of a YAML file.
  package static func read(file: String) throws(ConfigError) -> ConfigNode {
    if let pointer = PointerFile(at: file) { throw .notFetched("\(pointer)") }
    guard FileManager.default.fileExists(atPath: file) else { throw .missingFile(file) }
    let bytes: [UInt8]
    do {
      // A config may come from `<(command)`.
      bytes = try OpenedFile(streaming: file).readAll(limit: maximumBytes)
    } catch .unreadable(_, let reason) {
      throw .unreadableFile(file, reason: reason)
    } catch {
      throw .unreadableFile(file, reason: "\(error)")
    }
    return try parse(try text(bytes, file: file), file: file)
  }

  /// The text of a file, without the byte order mark that some editors put before it.
  private static func text(_ bytes: [UInt8], file: String) throws(ConfigError) -> String {
    if let encoding = TextEncoding.besidesUTF8(bytes) {
      throw .notUTF8(file, encoding: encoding)
    }
    guard let text = String(validating: TextEncoding.withoutMark(bytes), as: UTF8.self) else {
      throw .notUTF8(file, encoding: nil)
    }
    return text
  }

  /// The root of a YAML text; `file` names it in errors.
  package static func parse(_ text: String, file: String) throws(ConfigError) -> ConfigNode {
    try parse(text) { line, column in .file(file, line: line, column: column) }
  }

  /// The value of an override, whose every node has the override as its place.
  static func parse(override text: String, value: String) throws(ConfigError) -> ConfigNode {
    try parse(value) { _, _ in .override(text) }
  }

  private static func parse(
    _ text: String, place: (Int, Int) -> ConfigPlace
  ) throws(ConfigError) -> ConfigNode {
    if let alias = YAMLAlias.first(in: text) {
      throw .alias(place(alias.line, alias.column), name: alias.name)
    }
    let start = place(1, 1)
    let root: Node?
    do {
      root = try Parser(yaml: text, encoding: .utf8).singleRoot()
    } catch let error as YamlError {
      throw ConfigError(error, place: place)
    } catch {
      throw .syntax(start, problem: "\(error)")
    }
    guard let root else {
      return ConfigNode(.scalar("", isQuoted: false), place: start, path: "")
    }
    return try ConfigNode(root, path: "", place: place)
  }

  private init(_ node: Node, path: String, place: (Int, Int) -> ConfigPlace) throws(ConfigError) {
    let here = place(node.mark?.line ?? 1, node.mark?.column ?? 1)
    switch node {
    case .scalar(let scalar):
      let isQuoted = scalar.style != .plain && scalar.style != .any
      self.init(.scalar(scalar.string, isQuoted: isQuoted), place: here, path: path)
    case .sequence(let sequence):
      var elements: [ConfigNode] = []
      for (index, element) in sequence.enumerated() {
        elements.append(try ConfigNode(element, path: "\(path)[\(index)]", place: place))
      }
      self.init(.list(elements), place: here, path: path)
    case .mapping(let mapping):
      var entries: [ConfigEntry] = []
      for (key, value) in mapping {
        entries.append(try ConfigEntry(key, value, parent: path, place: place))
      }
      self.init(.mapping(entries), place: here, path: path)
    case .alias(let alias):
      throw .alias(here, name: alias.anchor.rawValue)
    }
  }

  /// The path of a key below a node.
  static func path(_ parent: String, _ key: String) -> String {
    parent.isEmpty ? key : "\(parent).\(key)"
  }

  fileprivate static func child(
    _ node: Node, path: String, place: (Int, Int) -> ConfigPlace
  ) throws(ConfigError) -> ConfigNode {
    try ConfigNode(node, path: path, place: place)
  }
}

extension ConfigEntry {
  fileprivate init(
    _ key: Node, _ value: Node, parent: String, place: (Int, Int) -> ConfigPlace
  ) throws(ConfigError) {
    let here = place(key.mark?.line ?? 1, key.mark?.column ?? 1)
    guard let name = key.scalar?.string else {
      throw .syntax(here, problem: "a key must be a word")
    }
    let path = ConfigNode.path(parent, name)
    let value = try ConfigNode.child(value, path: path, place: place)
    self.init(key: name, place: here, value: value)
  }
}
