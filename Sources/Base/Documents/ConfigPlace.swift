/// The origin of a configured value: a file's line and column, or an override.
public enum ConfigPlace: Sendable, Equatable, CustomStringConvertible {
  /// A position in a file, both counted from 1.
  case file(String, line: Int, column: Int)
  /// A `key=value` argument, as it was typed.
  case override(String)

  /// The place as an error message begins with it.
  public var description: String {
    switch self {
    case .file(let name, let line, let column): "\(name):\(line):\(column)"
    case .override(let text): "override '\(text)'"
    }
  }
}
