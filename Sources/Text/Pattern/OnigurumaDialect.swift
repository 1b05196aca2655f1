/// The translation of Oniguruma's dialect, which tokenizer.json files use, into PCRE2's.
///
/// The two differ:
/// - `\s` is White_Space; PCRE2 adds U+180E.
/// - `\w` is alphabetic, marks, decimal digits and connectors; PCRE2 10.42 takes `\p{L}\p{N}_`.
///   Outside of brackets it takes in the six numbers of Latin-1, too.
/// - `\p{Han}` is the script; PCRE2 adds what other scripts share with it, such as `、`.
/// - `\h` is a hexadecimal digit; in PCRE2 horizontal space.
/// - `(?m)` lets `.` match line ends, which PCRE2 calls `(?s)`: refused, as are classes within
///   classes, class intersection and `\R`, `\X` and the like, which no published tokenizer uses.
enum OnigurumaDialect {
  /// Alphabetic characters, marks, decimal digits, connector punctuation: Unicode's word
  /// characters.
  static let wordCharacters = #"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}"#

  private static let latinNumbers = "²³¹¼½¾"

  private static let classMembers: [Character: String] = [
    "s": #"\p{White_Space}"#, "S": #"\P{White_Space}"#, "h": "0-9a-fA-F", "w": wordCharacters,
  ]
  private static let refusedEscapes: Set<Character> = ["H", "R", "X", "K", "G", "O", "N", "y", "Y"]

  /// The pattern in PCRE2's dialect.
  static func translate(_ pattern: String) throws(PatternError) -> String {
    var (output, rest, inClass) = ("", Array(pattern.unicodeScalars)[...], false)
    func refused(_ what: String) -> PatternError {
      PatternError(pattern: pattern, reason: "\(what) is not supported; rewrite it without")
    }
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\\":
        guard let escaped = rest.popFirst() else { throw refused("a backslash at the end") }
        if "pP".unicodeScalars.contains(escaped), rest.first == "{" {
          output += "\\\(escaped){" + propertyName(&rest) + "}"
          continue
        }
        guard let part = escape(Character(escaped), inClass: inClass) else {
          throw refused("\\\(escaped)")
        }
        output += part
      case "[" where !inClass:
        inClass = true
        output += "[" + leadingClassMembers(&rest)
      case "[" where inClass && rest.first != ":": throw refused("a class within a class")
      case "[": output += "[" + namedClass(&rest)
      case "&" where inClass && rest.first == "&": throw refused("the intersection of classes")
      case "]" where inClass:
        inClass = false
        output += "]"
      case "(" where !inClass && rest.starts(with: "?m".unicodeScalars): throw refused("(?m)")
      case "(" where !inClass && rest.first == "*": throw refused("(*")
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }

  private static func escape(_ character: Character, inClass: Bool) -> String? {
    if refusedEscapes.contains(character) || inClass && character == "W" { return nil }
    if character == "W" { return "[^\(wordCharacters)\(latinNumbers)]" }
    if character == "w", !inClass { return "[\(wordCharacters)\(latinNumbers)]" }
    guard let members = classMembers[character] else { return "\\\(character)" }
    return inClass || "sS".contains(character) ? members : "[\(members)]"
  }

  /// The name in `{Han}` or `{^Han}`; a script's as PCRE2 names it.
  private static func propertyName(_ rest: inout ArraySlice<Unicode.Scalar>) -> String {
    let inside = rest.dropFirst().prefix { $0 != "}" }
    rest = rest.dropFirst(inside.count + 2)
    let isNegated = inside.first == "^"
    let name = String(String.UnicodeScalarView(isNegated ? inside.dropFirst() : inside))
    return (isNegated ? "^" : "") + (scripts.contains(name.lowercased()) ? "sc:" : "") + name
  }

  /// The scripts that share characters with others.
  private static let scripts: Set<String> = [
    "adlam", "arabic", "armenian", "bengali", "bopomofo", "buginese", "buhid", "chakma",
    "coptic", "cypriot", "cyrillic", "devanagari", "dogra", "duployan", "ethiopic", "georgian",
    "glagolitic", "gothic", "grantha", "greek", "gujarati", "gurmukhi", "han", "hangul", "hanunoo",
    "hebrew", "hiragana", "javanese", "kaithi", "kannada", "katakana", "khojki", "khudawadi",
    "lao", "latin", "limbu", "mahajani", "malayalam", "mandaic", "manichaean", "modi", "mongolian",
    "multani", "myanmar", "nandinagari", "nko", "oriya", "rejang", "samaritan", "sharada",
    "sinhala", "sogdian", "syriac", "tagalog", "tagbanwa", "takri", "tamil", "telugu", "thaana",
    "thai", "tibetan", "tifinagh", "tirhuta", "yezidi", "yi",
  ]

  /// `^` and a literal `]` right after the opening bracket, which does not close the class there.
  private static func leadingClassMembers(_ rest: inout ArraySlice<Unicode.Scalar>) -> String {
    var output = ""
    if rest.first == "^" {
      rest.removeFirst()
      output += "^"
    }
    if rest.first == "]" {
      rest.removeFirst()
      output += "\\]"
    }
    return output
  }

  /// The rest of `[:alpha:]`, its brackets included.
  private static func namedClass(_ rest: inout ArraySlice<Unicode.Scalar>) -> String {
    let name = rest.prefix { $0 != "]" }
    rest = rest.dropFirst(name.count + 1)
    return String(String.UnicodeScalarView(name)) + "]"
  }
}
