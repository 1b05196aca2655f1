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
