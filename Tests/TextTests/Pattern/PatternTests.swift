import Testing

@testable import Text

@Suite struct PatternTests {
  private func matches(_ pattern: String, _ text: String) throws -> [String] {
    let bytes = Array(text.utf8)
    var found: [String] = []
    let complete = try Pattern(pattern).matches(in: bytes, 0..<bytes.count) {
      found.append(String(decoding: bytes[$0], as: UTF8.self))
    }
    #expect(complete)
    return found
  }

  @Test func whiteSpaceIsUnicodes() throws {
    // PCRE2's own \s takes in U+180E, which has not been white space since Unicode 6.3.
    #expect(
      try matches(#"\s"#, "a\u{180E}\u{85}\u{A0}\u{3000}b") == ["\u{85}", "\u{A0}", "\u{3000}"])
    #expect(try matches(#"[^\s\S]|[\S]"#, "\u{180E} ") == ["\u{180E}"])
  }

  @Test func wordCharactersAreUnicodes() throws {
    #expect(try matches(#"\w+"#, "a\u{301}_½b\u{203F}9²") == ["a\u{301}_", "b\u{203F}9"])
    #expect(try matches(#"[^\w]+"#, "a--b") == ["--"])
    #expect(try matches(#"\W"#, "a-²") == ["-", "²"])
    #expect(try matches(#"\h+"#, "xfF0 g") == ["fF0"])
  }

  @Test func foldingTakesInTheLongS() throws {
    #expect(try matches("(?i:'s)", "'S'ſ's") == ["'S", "'ſ", "'s"])
  }

  @Test func anchorsAreThoseOfLinesAndNeverOfTheNeighbours() throws {
    #expect(try matches("^a", "a\na ba") == ["a", "a"])
    let bytes = Array("xab".utf8)
    var found: [Range<Int>] = []
    _ = try Pattern("(?<=x)a|^b").matches(in: bytes, 1..<3) { found.append($0) }
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
      #expect(pattern.matches(in: bytes, 0..<bytes.count) { covered += $0.count })
      #expect(covered == bytes.count)
    }
  }

  @Test func literalsStandForThemselves() throws {
    let text = Array("a.b.c".utf8)
    var count = 0
    _ = try Pattern(literal: ".").matches(in: text, 0..<text.count) { _ in count += 1 }
    #expect(count == 2)
    _ = try Pattern(literal: "").matches(in: text, 0..<text.count) { _ in count += 1 }
    #expect(count == 2)
  }

  @Test func aPatternMayBeUsedByManyTasks() async throws {
    let pattern = try Pattern(#"\p{L}+"#)
    let bytes = Array(String(repeating: "ab cd ", count: 1000).utf8)
    let counts = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          var count = 0
          _ = pattern.matches(in: bytes, 0..<bytes.count) { _ in count += 1 }
          return count
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(counts == [Int](repeating: 2000, count: 8))
  }
}
