import Foundation
import Testing

@testable import Text

/// Held-out text is found in what is trained on, whole, in part and nearly.
@Suite struct OverlapSearchTests {
  private let tokenizer: Tokenizer
  private let passage =
    "When the wind rose the keeper climbed the stairs, lit the lamp and wrote down the hour."
  private let other =
    "Nobody in the village remembered who had planted the three old pear trees by the well."

  init() throws {
    tokenizer = try Fixtures.tokenizer("llama3_style")
  }

  /// The share of one text that others hold.
  private func share(of text: String, in documents: [String]) throws -> Double {
    var search = OverlapSearch(for: [[try tokenizer.encode(text)]], tokenizer: tokenizer)
    for document in documents { search.read(try tokenizer.encode(document)) }
    return search.shares[0]
  }

  @Test func aCopyIsFoundWholeAndAStrangerNot() throws {
    #expect(try share(of: passage, in: [other, passage]) == 1)
    #expect(try share(of: passage, in: [other]) == 0)
    #expect(try share(of: passage, in: []) == 0)
  }

  @Test func whatSurroundsACopyDoesNotHideIt() throws {
    #expect(try share(of: passage, in: ["\(other) \(passage) \(other)"]) == 1)
  }

  @Test func caseSpacesAndPunctuationMakeNoDifference() throws {
    let disguised = passage.uppercased().replacing(",", with: " —").replacing(" ", with: "\n  ")
    #expect(try share(of: passage, in: [disguised]) == 1)
    #expect(
      try share(
        of: "ÄRGER über Öl und Straßen, große Mühe für 25 Äpfel und Öfen",
        in: ["ärger über öl; und straßen. Große Mühe für 25 äpfel (und öfen)"]) == 1)
  }

  @Test func aNearCopyIsFoundInPart() throws {
    let near = try share(of: passage, in: [passage.replacing("keeper", with: "warden")])
    #expect(near > 0.4 && near < 1)
    let half = try share(of: passage, in: [String(passage.prefix(50))])
    #expect(half > 0.1 && half < 0.6)
  }

  @Test func shingleSharesAreThoseCountedByHand() throws {
    func shingles(_ text: String) -> Set<String> {
      let letters = Array(text.lowercased().filter { $0.isLetter || $0.isNumber })
      return Set((0...(letters.count - 24)).map { String(letters[$0..<($0 + 24)]) })
    }
    let training = passage.replacing("climbed the stairs", with: "took the ladder")
    let (own, trained) = (shingles(passage), shingles(training))
    let expected = Double(own.intersection(trained).count) / Double(own.count)
    #expect(abs(try share(of: passage, in: [training]) - expected) < 1e-12)
  }

  /// Too short for a shingle, a text is only found as a whole document.
  @Test func shortTextsAreFoundAsAWhole() throws {
    #expect(try share(of: "Yes, sir.", in: [passage, "Yes, sir."]) == 1)
    #expect(try share(of: "Yes, sir.", in: ["Yes, sir. No.", passage]) == 0)
    #expect(try share(of: "☂ ☂", in: ["☂ ☂"]) == 1)
    #expect(try share(of: "☂ ☂", in: ["☂"]) == 0)
  }

  /// What a window cut off is found where its document is, however short it is.
  @Test func fragmentsAreFoundInTheirDocument() throws {
    let ids = try tokenizer.encode(passage)
    let fragments = stride(from: 0, to: ids.count - 10, by: 5).map {
      Array(ids[$0..<($0 + 10)])
    }
    let strangers = try tokenizer.encode(other)
    let texts = fragments.map { [$0] } + [[Array(strangers[3..<13])]]
    var search = OverlapSearch(for: texts, areFragments: true, tokenizer: tokenizer)
    search.read(ids)
    #expect(search.shares == Array(repeating: 1, count: fragments.count) + [0])
    var whole = OverlapSearch(for: texts, tokenizer: tokenizer)
    whole.read(ids)
    #expect(whole.shares.allSatisfy { $0 == 0 }, "as documents they are others")
  }

  /// Windows in another order than the text's lose what their edges cut, and no more.
  @Test func cutWindowsAreTheText() throws {
    let ids = try tokenizer.encode("\(passage) \(other)")
    var cut = OverlapSearch(for: [[ids]], tokenizer: tokenizer)
    let third = ids.count / 3
    for window in [third...(2 * third), 0...third, (2 * third)...(ids.count - 1)] {
      cut.read(Array(ids[window]))
    }
    #expect(cut.shares == [1])
    var changed = OverlapSearch(for: [[ids]], tokenizer: tokenizer)
    changed.read(try tokenizer.encode("\(passage) \(other)".replacing("stairs", with: "stains")))
    #expect(changed.shares[0] < 1 && changed.shares[0] > 0.5)
  }

  @Test func canonicallyEqualTextsAreEqual() throws {
    let text = "Không có gì quý hơn độc lập tự do, và mọi người đều biết điều đó từ lâu."
    #expect(
      try share(
        of: text.decomposedStringWithCanonicalMapping,
        in: [text.precomposedStringWithCanonicalMapping]) == 1)
  }

  /// Eight characters of a script without spaces are as much as 24 letters.
  @Test func shortSentencesOfIdeographsAreFoundInText() throws {
    let sentence = "神说要有光就有了光"
    #expect(try share(of: sentence, in: ["起初神创造天地。\(sentence)，神看光是好的。"]) == 1)
  }

  @Test func specialTokensDoNotCount() throws {
    let begin = try #require(tokenizer.id(of: "<|begin_of_text|>"))
    let ids = try tokenizer.encode(passage)
    var search = OverlapSearch(
      for: [[[begin] + ids], [[begin] + (try tokenizer.encode("No."))]], tokenizer: tokenizer)
    search.read(ids)
    search.read(try tokenizer.encode("No."))
    #expect(search.shares == [1, 1])
  }

  @Test func withoutATokenizerTokensAreCompared() throws {
    let ids = (0..<40).map { Int32($0 * $0 % 97) }
    var search = OverlapSearch(for: [[ids], [Array(ids.prefix(5))], [[1, 2]]], tokenizer: nil)
    search.read([7] + ids + [7])
    search.read([1, 2])
    #expect(search.shares == [1, 0, 1])
  }

  /// A text of several parts is trained on when all of them are.
  @Test func partsCountTogether() throws {
    let parts = try [passage, other].map { try tokenizer.encode($0) }
    var search = OverlapSearch(for: [parts], tokenizer: tokenizer)
    search.read(parts[0])
    #expect(search.shares[0] > 0.4 && search.shares[0] < 0.6)
    search.read(parts[1])
    #expect(search.shares == [1])
  }

  /// Where there are more shingles than are kept, some stand for all.
  @Test func ofManyTextsAPartStandsForAll() throws {
    var random = SystemRandomNumberGenerator()
    let texts = (0..<200).map { _ in
      (0..<400).map { _ in Int32.random(in: 0..<5000, using: &random) }
    }
    var search = OverlapSearch(for: texts.map { [$0] }, tokenizer: nil, limit: 10_000)
    var fewest = OverlapSearch(for: texts.map { [$0] }, tokenizer: nil, limit: 1)
    for text in texts.prefix(100) {
      search.read(text)
      fewest.read(text)
    }
    for shares in [search.shares, fewest.shares] {
      #expect(shares.prefix(100).allSatisfy { $0 == 1 })
      #expect(shares.dropFirst(100).allSatisfy { $0 == 0 })
    }
  }

  /// A document longer than the piece that is read at once is searched across the seams.
  @Test func aTextAcrossTheSeamOfTwoPiecesIsFound() throws {
    let text = try tokenizer.encode(passage)
    let filler = try tokenizer.encode(" and so on")
    let count = ((1 << 20) - text.count / 2) / filler.count
    var document = Array(repeating: filler, count: count).flatMap { $0 }
    document += text + filler
    var search = OverlapSearch(for: [[text]], tokenizer: tokenizer)
    search.read(document)
    #expect(document.count > 1 << 20 && search.shares == [1])
  }
}
