import CZlib
import Foundation
import Testing

@testable import Text

/// Unicode's forms, whatever Unicode this machine's libraries have, against `tokenizers` 0.23.3.
@Suite struct UnicodeFormTests {
  private static let checksums: [String: [String: UInt]] = {
    let bytes = FileManager.default.contents(atPath: Fixtures.path("unicode_forms.json"))
    let json = bytes.flatMap { try? JSONSerialization.jsonObject(with: $0) }
    return json as? [String: [String: UInt]] ?? [:]
  }()

  @Test(
    "case unicode-of-pcre2: every code point, with marks behind it, becomes what tokenizers makes",
    arguments: UnicodeForm.allCases)
  func everyCodePoint(form: UnicodeForm) throws {
    let expected = try #require(Self.checksums[form.rawValue])
    #expect(expected.count == 34)
    for (name, checksum) in expected {
      let first = try #require(UInt32(name, radix: 16))
      let text = (first..<first + 0x1000).compactMap(Unicode.Scalar.init)
        .map { "a\($0)\u{327}\u{1D165}\u{301}" }.joined()
      let bytes = Array(form.apply(to: text).utf8)
      #expect(crc32(0, bytes, uInt(bytes.count)) == checksum, "from U+\(name) on")
    }
  }

  @Test("case unicode-of-pcre2: what Unicode 9 did not have is left alone, and takes no mark")
  func laterCharacters() {
    // SQUARE ERA NAME REIWA (12.1), a vowel sign of two parts (13), a mark (11) between two of 9.
    #expect(UnicodeForm.compatibilityComposed.apply(to: "\u{32FF}\u{FB01}") == "\u{32FF}fi")
    let vowel = "\u{11935}\u{11930}"
    let composed = UnicodeForm.composed.apply(to: vowel)
    #expect(Array(composed.unicodeScalars) == Array(vowel.unicodeScalars))
    let marked = "a\u{7FD}\u{301}\u{327}"
    let decomposed = UnicodeForm.decomposed.apply(to: marked)
    #expect(decomposed.unicodeScalars.map(\.value) == [0x61, 0x7FD, 0x327, 0x301])
  }
}
