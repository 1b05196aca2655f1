import Foundation
import Testing

@testable import StudyPage

@Suite struct StudyPicturesTests {
  private let pictures = StudyPictures(sampleStudy(arms: ["wsd", "linear <slow>"]))

  @Test func everyPictureIsAFileOfItsOwn() throws {
    for svg in [pictures.ranking, try #require(pictures.heldOut), try #require(pictures.positions)]
    {
      let picture = try XMLElements(svg)
      #expect(picture.elements.first?.name == "svg")
      #expect(picture.elements.first?.attributes["xmlns"] == "http://www.w3.org/2000/svg")
      #expect(picture.elements.first?.attributes["width"] == "788")
      // A page of its own behind it, and colours for both kinds of pages.
      #expect(picture.all("rect").contains { $0.attributes["class"] == "page" })
      #expect(svg.contains("@media (prefers-color-scheme:dark)"))
      #expect(picture.texts["text"]?.contains("linear <slow>") == true)
      #expect(!svg.contains("var(--"))
    }
  }

  @Test func theRankingNamesEveryNumber() throws {
    let texts = try #require(try XMLElements(pictures.ranking).texts["text"])
    #expect(texts.contains("3.000") && texts.contains("3.100"))
    #expect(texts.contains("held-out NLL, nats a token"))
  }

  @Test func whatWasNotMeasuredIsNotDrawn() {
    var study = sampleStudy(arms: ["one"])
    study.runs = []
    study.positions = []
    #expect(StudyPictures(study).heldOut == nil)
    #expect(StudyPictures(study).positions == nil)
  }
}
