import Foundation
import Testing

@testable import Text

/// Classes of characters, whatever libpcre2 this machine has, against `tokenizers` 0.23.3.
@Suite struct YoungCharactersTests {
  /// Every code point but the surrogates, as UTF-8, and where each begins.
  private static let text: (bytes: [UInt8], starts: [Int], points: [UInt32]) = {
    var (bytes, starts, points) = ([UInt8](), [Int](), [UInt32]())
    for point in UInt32(0)..<0x110000 {
      guard let scalar = Unicode.Scalar(point) else { continue }
      starts.append(bytes.count)
      points.append(point)
      bytes += UTF8.encode(scalar) ?? .init()
    }
    return (bytes, starts, points)
  }()

  private static let classes: [String: [[UInt32]]] = {
    let bytes = FileManager.default.contents(
      atPath: Fixtures.path("unicode_classes.json"))
    let json = bytes.flatMap { try? JSONSerialization.jsonObject(with: $0) }
    return json as? [String: [[UInt32]]] ?? [:]
  }()

  @Test(
    "case unicode-of-pcre2: all code points are in the classes that tokenizers puts them in",
    arguments: [
      #"\p{L}"#, #"\p{N}"#, #"\p{M}"#, #"\p{P}"#, #"\p{S}"#, #"\p{Z}"#, #"\p{Lu}"#, #"\p{Ll}"#,
      #"\p{Lt}"#, #"\p{Lm}"#, #"\p{Lo}"#, #"\p{Nd}"#, #"\p{Han}"#, #"\p{White_Space}"#, #"\s"#,
      #"\w"#, "(?i:s)", "(?i:k)",
    ])
  func classesAreThoseOfTheReference(pattern: String) throws {
    let expected = try #require(Self.classes[pattern])
    let (bytes, starts, points) = Self.text
    var found: [[UInt32]] = []
    try Pattern("(?:\(pattern))+").matches(in: bytes, 0..<bytes.count) { match in
      let (first, last) = (Self.index(of: match.lowerBound), Self.index(of: match.upperBound) - 1)
      // The surrogates part a range.
      if points[first] < 0xD800, points[last] > 0xDFFF {
        found += [[points[first], 0xD7FF], [0xE000, points[last]]]
      } else {
        found.append([points[first], points[last]])
      }
    }
    #expect(found == expected)
    _ = starts
  }

  private static func index(of offset: Int) -> Int {
    var (low, high) = (0, text.starts.count)
    while low < high {
      let middle = (low + high) / 2
      if text.starts[middle] < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  @Test(
    "case unicode-of-pcre2: young letters are letters",
    arguments: ["\u{1c89}", "\u{31350}", "\u{10d50}"])
  func youngLetters(letter: String) throws {
    let bytes = Array("\(letter)'ve 12".utf8)
    var pieces: [String] = []
    try Pattern(PreTokenizerPattern.llama3).matches(in: bytes, 0..<bytes.count) {
      pieces.append(String(decoding: bytes[$0], as: UTF8.self))
    }
    #expect(pieces == [letter, "'ve", " ", "12"])
  }

  @Test("case unicode-of-pcre2: young characters are found wherever they stand")
  func youngCharactersAreReplacedAtEveryOffset() {
    let young = YoungCharacters.all
    for character in ["\u{1c89}", "\u{31350}", "\u{378}", "é", "\u{10d50}"] {
      for before in 0..<20 {
        for after in [0, 1, 7, 8, 9, 17] {
          let text =
            String(repeating: "a", count: before) + character + String(repeating: "b", count: after)
          let twins = String(String.UnicodeScalarView(text.unicodeScalars.map(young.twin)))
          let found = Array(text.utf8).withUnsafeBufferPointer { young.replaced(in: $0) }
          #expect(found == (twins == text ? nil : Array(twins.utf8)))
        }
      }
    }
  }

  @Test("case unicode-of-pcre2: a script is the script, without what others share with it")
  func scriptsAreNotTheirExtensions() throws {
    let bytes = Array("一、二".utf8)
    var found: [Range<Int>] = []
    try Pattern(#"\p{Han}+"#).matches(in: bytes, 0..<bytes.count) { found.append($0) }
    #expect(found == [0..<3, 6..<9])
  }

  @Test("case unicode-of-pcre2: what a pattern spells out is itself")
  func spelledCharactersAreThemselves() throws {
    for (pattern, text, count) in [
      ("[\u{3040}-\u{30FF}]+", "\u{3040}\u{3041}\u{3097}", 1),
      (#"[\x{31350}-\x{323AF}]"#, "\u{31350}\u{20000}", 1),
      (#"[\x{20000}-\x{2FFFF}]"#, "\u{31350}\u{20000}", 1),
    ] {
      var found = 0
      let bytes = Array(text.utf8)
      try Pattern(pattern).matches(in: bytes, 0..<bytes.count) { _ in found += 1 }
      #expect(found == count, "\(pattern)")
    }
  }

  @Test("case unicode-of-pcre2: the edition of the table is in the fingerprint, old caches keep it")
  func theEditionIsInTheFingerprint() throws {
    #expect(YoungCharacters.edition == 1 && YoungCharacters.unicodeVersion == "16.0.0")
    #expect(
      try Fixtures.tokenizer("llama3_style").fingerprint
        == "aebef765eda9bc45f8dd27134f874735d4fe46414a5dbb34aa7061548b3f24fa")
  }
}
