import Testing

@testable import StudyPage

@Suite struct MarkupTests {
  @Test(arguments: [
    ("a < b & c > \"d\" 'e'", "a &lt; b &amp; c &gt; &quot;d&quot; &#39;e&#39;"),
    ("tab\tand\nline\r\n", "tab\tand\nline\n"), ("\u{0}\u{1B}\r\u{7F}\u{85}", "␀␛␍␡\u{FFFD}"),
    ("\u{FFFE}👩‍🚀 naïve", "\u{FFFD}👩‍🚀 naïve"),
  ])
  func textIsEscaped(text: String, markup: String) {
    #expect(Markup.escape(text) == markup)
  }

  @Test func elementsEscapeTheirAttributes() {
    #expect(
      Markup.element("a", ["href": "#\"<"], "<b></b>") == "<a href=\"#&quot;&lt;\"><b></b></a>")
  }

  @Test func longTextsLoseTheirMiddle() {
    let name = "a-very-long-name-of-an-arm-that-does-not-fit"
    let short = TextWidth.fit(name, width: 100)
    #expect(TextWidth.of(short) <= 100 && short.count > 10)
    #expect(short.hasPrefix("a-very") && short.hasSuffix("fit") && short.contains("…"))
    #expect(TextWidth.fit("short", width: 100) == "short")
    #expect(TextWidth.fit(name, width: 3) == "…")
  }
}
