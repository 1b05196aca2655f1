import Testing
import Text

@Suite struct HeldOutSplitTests {
  private func documents(_ count: Int) -> [Document] {
    (0..<count).map { Document(text: "document \($0)", source: "s") }
  }

  @Test func theTwoPartsAreDisjointAndMakeTheWhole() throws {
    let split = try HeldOutSplit(fraction: 0.3)
    for document in documents(200) {
      let digest = DocumentDigest(document)
      #expect(split.contains(digest, in: .train) != split.contains(digest, in: .heldOut))
      #expect(split.contains(digest, in: .all))
    }
  }

  @Test func theFractionIsMetOnAverage() throws {
    let split = try HeldOutSplit(fraction: 0.1)
    let count = documents(4000).filter { split.contains(DocumentDigest($0), in: .heldOut) }.count
    // Four standard deviations of a binomial of 4,000 and 0.1 are 76.
    #expect(abs(count - 400) < 76)
  }

  @Test func aLargerFractionKeepsWhatASmallerHeldOut() throws {
    let (small, large) = (try HeldOutSplit(fraction: 0.1), try HeldOutSplit(fraction: 0.2))
    for document in documents(500) where small.contains(DocumentDigest(document), in: .heldOut) {
      #expect(large.contains(DocumentDigest(document), in: .heldOut))
    }
  }

  @Test func theHashIsSHA256OfTheText() throws {
    // SHA-256("abc") begins ba7816bf…: as a fraction 0.72839…
    let digest = DocumentDigest(Document(text: "abc", source: "any"))
    #expect(try HeldOutSplit(fraction: 0.7284).contains(digest, in: .heldOut))
    #expect(try !HeldOutSplit(fraction: 0.7283).contains(digest, in: .heldOut))
    #expect(digest == DocumentDigest(Document(text: "abc", source: "other")))
    #expect(digest != DocumentDigest(Document(prompt: "", text: "abc", source: "any")))
    #expect(
      DocumentDigest(Document(prompt: "a", text: "bc", source: ""))
        != DocumentDigest(Document(prompt: "ab", text: "c", source: "")))
  }

  @Test(arguments: [-0.1, 1, 2, .nan, .infinity]) func otherFractionsAreRefused(fraction: Double) {
    #expect(throws: DocumentError.self) { try HeldOutSplit(fraction: fraction) }
  }

  @Test func nothingIsHeldOutAtZero() throws {
    let split = try HeldOutSplit(fraction: 0)
    #expect(documents(100).allSatisfy { split.contains(DocumentDigest($0), in: .train) })
  }
}
