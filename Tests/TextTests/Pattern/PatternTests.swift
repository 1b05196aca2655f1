import Testing

@testable import Text

@Suite struct PatternTests {
  private func matches(_ pattern: String, _ text: String) throws -> [String] {
    let bytes = Array(text.utf8)
    var found: [String] = []
    try Pattern(pattern).matches(in: bytes, 0..<bytes.count) {
      found.append(String(decoding: bytes[$0], as: UTF8.self))
    }
    return found
  }

  @Test func whiteSpaceIsUnicodes() throws {
    // PCRE2's own \s takes in U+180E, which has not been white space since Unicode 6.3.
    #expect(
      try matches(#"\s"#, "a\u{180E}\u{85}\u{A0}\u{3000}b") == ["\u{85}", "\u{A0}", "\u{3000}"])
    #expect(try matches(#"[^\s\S]|[\S]"#, "\u{180E} ") == ["\u{180E}"])
  }

  @Test func wordCharactersAreUnicodes() throws {
    #expect(try matches(#"\w+"#, "a\u{301}_½b\u{203F}9²") == ["a\u{301}_½b\u{203F}9²"])
    #expect(try matches(#"[\w]+"#, "a½b²") == ["a", "b"], "in brackets they are none")
    #expect(try matches(#"[^\w]+"#, "a--b") == ["--"])
    #expect(try matches(#"\W"#, "a-²") == ["-"])
    #expect(try matches(#"\h+"#, "xfF0 g") == ["fF0"])
  }

  @Test func foldingTakesInTheLongS() throws {
    #expect(try matches("(?i:'s)", "'S'ſ's") == ["'S", "'ſ", "'s"])
  }

  @Test func anchorsAreThoseOfLinesAndNeverOfTheNeighbours() throws {
    #expect(try matches("^a", "a\na ba") == ["a", "a"])
    let bytes = Array("xab".utf8)
    var found: [Range<Int>] = []
    try Pattern("(?<=x)a|^b").matches(in: bytes, 1..<3) { found.append($0) }
    #expect(found.isEmpty)
  }

  @Test func emptyMatchesRightAfterAMatchAreLeftOut() throws {
    #expect(try matches("a*", "baaé") == ["", "aa", ""])
  }

  @Test(arguments: [
    "(", "[a", "a{2,1}", "\\", "(?<n", "[a&&b]", "[a[b]]", "(?m)a", #"\K"#, #"[\W]"#, "(*UTF)a",
    #"a\C"#, #"\p{Nonsense}"#,
  ]) func whatCannotBeTranslatedIsRefused(pattern: String) {
    #expect(throws: PatternError.self) { try Pattern(pattern) }
  }

  @Test(arguments: ["[]a]", "[^]]", "[[:alpha:]]", #"[\]\\]"#, #"\["#, "a(?!b)", "(?>a+)b", "a++"])
  func whatIsOrdinaryIsNot(pattern: String) {
    #expect(throws: Never.self) { try Pattern(pattern) }
  }

  @Test(arguments: ["(a+)+$", "(a|a)*x", "( *)*\u{2}", "(?:(?:1+)+)+!"])
  func patternsWithoutBoundAreRefused(pattern: String) {
    #expect(throws: PatternError.self) { try Pattern(pattern) }
  }

  @Test(arguments: [
    PreTokenizerPattern.gpt2, PreTokenizerPattern.llama3, PreTokenizerPattern.qwen2,
    PreTokenizerPattern.o200k,
  ]) func publishedPatternsTakeALongRunInOneSearch(pattern: String) throws {
    let pattern = try Pattern(pattern)
    for character in ["a", " ", "\n", "!", "é", "A"] {
      let bytes = Array((String(repeating: character, count: 1 << 17) + "x").utf8)
      var covered = 0
      try pattern.matches(in: bytes, 0..<bytes.count) { covered += $0.count }
      #expect(covered == bytes.count)
    }
  }

  /// Matches around the ends of the small windows that are searched first.
  @Test(
    "case tokenizer-bombs: windows change no match",
    arguments: [
      #"\s+(?!\S)|\s+"#, "a+$|a", "(?m-i:x)|$", "a*", "ba*(?=b)|a", #"(?<=a)b|\b"#, "é{1,3}(?!é)",
      #"\w+\z|\w"#, "c|(?=c)", PreTokenizerPattern.o200k,
    ].filter { !$0.contains("?m") })
  func windowsChangeNothing(pattern: String) throws {
    let pattern = try Pattern(pattern)
    for length in [100, 126, 127, 128, 129, 140, 160] {
      for unit in ["a", " ", "é", "A", "ab", "a ", "€b"] {
        let text = String(repeating: unit, count: length / unit.utf8.count) + "c \n"
        // The same after a text that moves the windows.
        let (bytes, moved) = (Array(text.utf8), Array((text + "\n" + text).utf8))
        var (once, twice) = ([Range<Int>](), [Range<Int>]())
        try pattern.matches(in: bytes, 0..<bytes.count) { once.append($0) }
        try pattern.matches(in: moved, bytes.count + 1..<moved.count) {
          twice.append($0.lowerBound - bytes.count - 1..<$0.upperBound - bytes.count - 1)
        }
        #expect(once == twice)
        #expect(once == (try pattern.unwindowedMatches(in: bytes)))
      }
    }
  }

  @Test func literalsStandForThemselves() throws {
    let text = Array("a.b.c".utf8)
    var count = 0
    try Pattern(literal: ".").matches(in: text, 0..<text.count) { _ in count += 1 }
    #expect(count == 2)
    try Pattern(literal: "").matches(in: text, 0..<text.count) { _ in count += 1 }
    #expect(count == 2)
  }

  @Test func aPatternMayBeUsedByManyTasks() async throws {
    let pattern = try Pattern(#"\p{L}+"#)
    let bytes = Array(String(repeating: "ab cd ", count: 1000).utf8)
    let counts = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          var count = 0
          try? pattern.matches(in: bytes, 0..<bytes.count) { _ in count += 1 }
          return count
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(counts == [Int](repeating: 2000, count: 8))
  }
}
