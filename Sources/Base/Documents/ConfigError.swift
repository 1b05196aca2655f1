import Yams

/// The errors of a configuration, one case for each cause.
public enum ConfigError: Error, Sendable, Equatable {
  /// The file does not exist.
  case missingFile(String)
  /// The file exists and cannot be read, or is too large.
  case unreadableFile(String, reason: String)
  /// Git LFS or git-annex put a pointer in the file's place; the text says so.
  case notFetched(String)
  /// The file is not UTF-8; where its first bytes tell, the encoding that it is in.
  case notUTF8(String, encoding: String?)
  /// The text is not YAML.
  case syntax(ConfigPlace, problem: String)
  /// A mapping holds a key twice.
  case duplicateKey(ConfigPlace, key: String)
  /// The file uses anchors and aliases, which can grow a few lines into gigabytes.
  case alias(ConfigPlace, name: String)
  /// A section holds a key that nothing reads.
  case unknownKey(ConfigPlace, key: String, section: String, nearest: String?)
  /// A section lacks a key that it needs.
  case missingKey(ConfigPlace, key: String, section: String)
  /// A value is of another kind than the key takes.
  case wrongType(ConfigPlace, key: String, expected: String, found: String)
  /// A value is of the right kind and outside what the key takes.
  case invalidValue(ConfigPlace, key: String, expected: String, found: String)
  /// Two settings contradict each other, or one needs another.
  case conflict(ConfigPlace, problem: String)
  /// An override is not of the form `key=value`, or its path leads through a value.
  case invalidOverride(String, problem: String)
}

extension ConfigError: CustomStringConvertible {
  /// One line: the place, what was found and expected, and the remedy.
  public var description: String {
    switch self {
    case .missingFile(let file):
      "\(file): no such config file; check the path"
    case .unreadableFile(let file, let reason):
      "\(file): cannot read this config: \(reason)"
    case .notFetched(let text): text
    case .notUTF8(let file, let encoding):
      "\(file): this config is \(encoding ?? "not UTF-8"); convert it"
        + " (iconv -f \(encoding ?? "ENCODING") -t UTF-8)"
    case .syntax(let place, let problem):
      "\(place): not valid YAML: \(problem)"
    case .duplicateKey(let place, let key):
      "\(place): the key '\(key)' appears twice; keep one of them"
    case .alias(let place, let name):
      "\(place): YAML aliases (*\(name)) are not supported; write the value out"
    case .unknownKey(let place, let key, let section, let nearest):
      "\(place): unknown key '\(key)' in \(Self.named(section))\(Self.hint(nearest))"
    case .missingKey(let place, let key, let section):
      "\(place): \(Self.named(section)) needs the key '\(key)'; add it"
    case .wrongType(let place, let key, let expected, let found):
      "\(place): '\(key)' takes \(expected), found \(found)"
    case .invalidValue(let place, let key, let expected, let found):
      "\(place): '\(key)' must be \(expected), found \(found)"
    case .conflict(let place, let problem):
      "\(place): \(problem)"
    case .invalidOverride(let text, let problem):
      "override '\(text)': \(problem)"
    }
  }

  private static func named(_ section: String) -> String {
    section.isEmpty ? "this config" : "section '\(section)'"
  }

  private static func hint(_ nearest: String?) -> String {
    nearest.map { "; did you mean '\($0)'?" } ?? "; remove it"
  }
}

extension ConfigError {
  /// The library's error as ours, on one line.
  init(_ error: YamlError, place: (Int, Int) -> ConfigPlace) {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let prefix = context.map { "\($0.text), " } ?? ""
      self = .syntax(place(mark.line, mark.column), problem: prefix + problem)
    case .reader(let problem, _, _, _):
      self = .syntax(place(1, 1), problem: problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      self = .duplicateKey(
        place(context.mark.line, context.mark.column), key: duplicates.sorted().first ?? "")
    default:
      self = .syntax(place(1, 1), problem: "\(error)".split(separator: "\n").joined(separator: " "))
    }
  }
}

extension ConfigError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .missingFile, .unreadableFile: .missingInput
    case .notFetched, .notUTF8, .syntax, .duplicateKey, .alias, .unknownKey, .missingKey,
      .wrongType, .invalidValue, .conflict, .invalidOverride:
      .badConfig
    }
  }
}

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
