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
      return ConfigNode(content: .null, steps: [], marks: [[]: Mark(place: start, spelling: "")])
    }
    var marks: [[Step]: Mark] = [:]
    let content = try value(root, [], key: nil, place, &marks)
    return ConfigNode(content: content, steps: [], marks: marks)
  }

  /// The value of a node of the parser's, whose marks and those inside are noted.
  private static func value(
    _ node: Node, _ steps: [Step], key: ConfigPlace?, _ place: (Int, Int) -> ConfigPlace,
    _ marks: inout [[Step]: Mark]
  ) throws(ConfigError) -> JSONValue {
    let here = place(node.mark?.line ?? 1, node.mark?.column ?? 1)
    marks[steps] = Mark(place: here, key: key)
    switch node {
    case .scalar(let scalar):
      guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
      marks[steps]?.spelling = scalar.string
      return plainValue(scalar.string)
    case .sequence(let sequence):
      var elements: [JSONValue] = []
      for (index, element) in sequence.enumerated() {
        elements.append(try value(element, steps + [.element(index)], key: nil, place, &marks))
      }
      return .array(elements)
    case .mapping(let mapping):
      var members: [JSONMember] = []
      for (key, inner) in mapping {
        let here = place(key.mark?.line ?? 1, key.mark?.column ?? 1)
        guard let name = key.scalar?.string else {
          throw .syntax(here, problem: "a key must be a word")
        }
        let value = try value(inner, steps + [.key(name)], key: here, place, &marks)
        members.append(JSONMember(name, value))
      }
      return .object(members)
    case .alias(let alias):
      throw .alias(here, name: alias.anchor.rawValue)
    }
  }
}

/// The use of a YAML alias (`*name`) whose anchor (`&name`) the text defines as well.
///
/// Aliases are looked for before parsing: nested ones grow exponentially, and the library hashes
/// every key of a mapping, also one that is an alias of such a node, before it returns.
struct YAMLAlias {
  let name: String
  let line: Int
  let column: Int

  /// The first alias with an anchor of the same name anywhere in the text, or nil.
  static func first(in text: String) -> YAMLAlias? {
    let anchors = Set(tokens(in: text, sigil: "&").map(\.name))
    return tokens(in: text, sigil: "*").first { anchors.contains($0.name) }
  }

  private static func tokens(in text: String, sigil: Unicode.Scalar) -> [YAMLAlias] {
    var found: [YAMLAlias] = []
    var (line, column, previous) = (1, 0, Unicode.Scalar("\n"))
    for (index, scalar) in zip(text.unicodeScalars.indices, text.unicodeScalars) {
      (line, column) = previous == "\n" && column > 0 ? (line + 1, 1) : (line, column + 1)
      if scalar == sigil, startsToken(after: previous) {
        let name = text.unicodeScalars[index...].dropFirst().prefix(while: isNamePart)
        let text = String(String.UnicodeScalarView(name))
        found.append(YAMLAlias(name: text, line: line, column: column))
      }
      previous = scalar
    }
    return found
  }

  private static func startsToken(after scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || "[{,:".unicodeScalars.contains(scalar)
  }

  private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
      || scalar == "_" || scalar == "-"
  }
}
