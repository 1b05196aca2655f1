import CPCRE2

/// A compiled regular expression over UTF-8 bytes (PCRE2, just-in-time compiled where possible).
///
/// Patterns are written in Oniguruma's dialect, which Hugging Face's tokenizers use, and translated.
final class Pattern: Sendable {
  /// The pattern as given, before translation.
  let source: String

  // A compiled pattern is immutable once JIT compilation is over, and PCRE2 documents it as safe to
  // share between threads; each call makes its own match data.
  nonisolated(unsafe) private let code: OpaquePointer

  /// How many backtracking steps one match may take, before the subject's own length is added.
  static let stepLimit: UInt32 = 10_000_000
  /// How much heap the interpreter may take for one match, in KiB.
  static let heapLimit: UInt32 = 65_536

  /// Whether the pattern stands for itself rather than being a regular expression.
  let isLiteral: Bool

  /// Compiles a regular expression, or says why it cannot be.
  convenience init(_ source: String) throws(PatternError) {
    // PCRE2_NEVER_BACKSLASH_C: \C could end a match inside a scalar.
    let options = PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C
    try self.init(source, try OnigurumaDialect.translate(source), options, isLiteral: false)
    guard survivesProbes else {
      throw PatternError(
        pattern: source, reason: "backtracks without bound on a short text; rewrite it")
    }
  }

  /// A pattern that matches exactly `literal`, or nothing when that is empty.
  convenience init(literal: String) throws(PatternError) {
    let never = literal.isEmpty
    let options = never ? PCRE2_UTF : PCRE2_UTF | PCRE2_LITERAL
    try self.init(literal, never ? "(?!)" : literal, options, isLiteral: true)
  }

  private init(
    _ source: String, _ translated: String, _ options: UInt32, isLiteral: Bool
  ) throws(PatternError) {
    (self.source, self.isLiteral) = (source, isLiteral)
    let translated = Array(translated.utf8)
    var (errorCode, offset) = (Int32(0), 0)
    let compiled = pcre2_compile_8(
      translated, translated.count, options, &errorCode, &offset, nil)
    guard let compiled else {
      throw PatternError(pattern: source, reason: Self.message(errorCode))
    }
    self.code = compiled
    // Refused where the system forbids executable pages; matching then interprets.
    _ = pcre2_jit_compile_8(compiled, PCRE2_JIT_COMPLETE)
  }

  deinit { pcre2_code_free_8(code) }

  /// Whether runs of one character stay within the limits; all of ASCII follows each run, lest the
  /// absence of a required character end the search early.
  private var survivesProbes: Bool {
    ["a", "A", " ", "\n", "1", "!", "é"].allSatisfy { character in
      let probe = Array(String(repeating: character, count: 256).utf8) + Array(1...126)
      return matches(in: probe, 0..<probe.count) { _ in }
    }
  }

  private static func message(_ errorCode: Int32) -> String {
    var text = [UInt8](repeating: 0, count: 256)
    pcre2_get_error_message_8(errorCode, &text, text.count)
    return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Calls `body` with each match in `text[range]`, leftmost first, an empty match right after
  /// another match left out (Oniguruma's rule).
  ///
  /// The range is a text of its own: nothing looks behind or ahead of it. Offsets are those of
  /// `text`, which must be UTF-8 with the range ending between scalars.
  /// - Returns: whether the text was searched to its end; false when a match hit the limits.
  func matches(
    in text: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) -> Bool {
    text.withUnsafeBufferPointer { buffer in
      Search(code, UnsafeBufferPointer(rebasing: buffer[range])).forEach { match in
        body((match.lowerBound + range.lowerBound)..<(match.upperBound + range.lowerBound))
      }
    }
  }
}

/// A regular expression that cannot be used.
struct PatternError: Error, Equatable, CustomStringConvertible {
  /// The pattern as given.
  var pattern: String
  /// What is wrong with it.
  var reason: String

  /// One phrase for an error message.
  var description: String { "the regular expression '\(pattern)': \(reason)" }
}
