import CPCRE2

/// A compiled regular expression over UTF-8 bytes (PCRE2, just-in-time compiled where possible).
///
/// Patterns are written in Oniguruma's dialect, as in Hugging Face's tokenizers, and translated.
final class Pattern: Sendable {
  /// The pattern as given, before translation.
  let source: String

  // A compiled pattern is immutable once JIT compilation is over, and PCRE2 documents it as safe to
  // share between threads; each call makes its own match data.
  nonisolated(unsafe) let code: OpaquePointer
  /// The same with a callout before each item, by which steps are counted.
  nonisolated(unsafe) let counting: OpaquePointer
  /// The characters that are matched as older ones.
  private let young: YoungCharacters

  /// The heap that the interpreter may take for one match, in KiB, before the subject's own size.
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
    self.source = source
    self.isLiteral = isLiteral
    young =
      isLiteral ? .all : YoungCharacters.all.excluding(SpelledCharacters.ranges(in: source))
    code = try Self.compile(source, translated, options)
    do throws(PatternError) {
      counting = try Self.compile(source, translated, options | PCRE2_AUTO_CALLOUT)
    } catch {
      pcre2_code_free_8(code)
      throw error
    }
  }

  private static func compile(
    _ source: String, _ translated: String, _ options: UInt32
  ) throws(PatternError) -> OpaquePointer {
    let translated = Array(translated.utf8)
    var (errorCode, offset) = (Int32(0), 0)
    let compiled = pcre2_compile_8(
      translated, translated.count, options, &errorCode, &offset, nil)
    guard let compiled else {
      throw PatternError(pattern: source, reason: message(errorCode))
    }
    // Refused where the system forbids executable pages; matching then interprets.
    _ = pcre2_jit_compile_8(compiled, PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_HARD)
    return compiled
  }

  deinit {
    pcre2_code_free_8(code)
    pcre2_code_free_8(counting)
  }

  /// Whether runs of one character stay within the limits; all of ASCII follows each run, lest the
  /// absence of a required character end the search early.
  private var survivesProbes: Bool {
    ["a", "A", " ", "\n", "1", "!", "é"].allSatisfy { character in
      let probe = Array(String(repeating: character, count: 256).utf8) + Array(1...126)
      return (try? matches(in: probe, 0..<probe.count) { _ in }) != nil
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
  /// - Throws: when it would take more steps than the range's length allows.
  func matches(
    in text: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) throws(PatternError) {
    let isSearched = text.withUnsafeBufferPointer { buffer in
      search(UnsafeBufferPointer(rebasing: buffer[range])) { match in
        body((match.lowerBound + range.lowerBound)..<(match.upperBound + range.lowerBound))
      }
    }
    guard !isSearched else { return }
    throw PatternError(
      pattern: source,
      reason: "takes too many steps on a text of \(range.count) bytes; use another tokenizer")
  }

  /// Whether the text could be searched to its end within the limits.
  private func search(
    _ text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
  ) -> Bool {
    guard !isLiteral, let older = young.replaced(in: text) else {
      return Search(self, text).forEach(body)
    }
    return older.withUnsafeBufferPointer { Search(self, $0).forEach(body) }
  }
}

/// A regular expression that cannot be used.
struct PatternError: Error, Equatable, CustomStringConvertible {
  /// The pattern as given.
  var pattern: String
  /// The fault in it.
  var reason: String

  /// One phrase for an error message.
  var description: String {
    let shown = pattern.count > 120 ? pattern.prefix(120) + "…" : pattern[...]
    return "the regular expression '\(shown)': \(reason)"
  }
}
