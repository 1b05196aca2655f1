import Foundation
@testable import Measuring
@testable import Studies
@testable import StudyPage
import Testing
@testable import Training

@Suite struct StudyPageTests {
  private let names = ["wsd", "linear", "plain"]

  @Test func thePageIsWellFormedWithEverySection() throws {
    let page = try XMLElements(StudyPage(sampleStudy(arms: names)).html)
    #expect(
      page.all("section").map { $0.attributes["id"] } == [
        "ranking", "training", "held-out", "weights", "positions", "groups", "samples",
        "configuration", "pairs", "reproduce",
      ])
    for name in names + ["One is better", "0.1\u{A0}±\u{A0}0.01", "codistill compare x.yaml"] {
      #expect(page.text.contains(name), "\(name)")
    }
    #expect(page.texts["h1"] == ["A study"])
  }

  /// The first arm's loss less the second's, whichever of the two ranks higher: a gain is negative.
  @Test(arguments: [("wsd", "linear", "−0.100 ± "), ("linear", "wsd", "+0.100 ± ")])
  func theGainHasTheSignOfTheDifference(arm: String, other: String, expected: String) throws {
    var study = sampleStudy(arms: names)
    study.gain = ChosenPair(
      arm: arm, other: other, pair: study.pairs[0], isAgainstBaseline: false, choices: 1, tests: 1)
    let html = StudyPage(study).html
    let name = "<dt>Against plain language modelling</dt><dd class=\"figure\">"
    let start = try #require(html.range(of: name)?.upperBound)
    #expect(html[start...].prefix(expected.count) == expected)
  }

  @Test func otherTextsHaveFiguresOfTheirOwn() throws {
    var study = sampleStudy(arms: names)
    study.set = "unseen"
    study.baseline = names[1]
    // On another text the arms rank the other way round, and are drawn as before.
    var other = sampleStudy(arms: names.reversed())
    other.set = "seen <b>"
    other.conclusion = "There it is worse."
    study.others = [other]
    let html = StudyPage(study).html
    let page = try XMLElements(html)
    let ids = page.elements.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count && ids.contains("other-0-ranking-table"))
    #expect(ids.contains("others") && page.text.contains("Ranking on unseen"))
    #expect(page.text.contains("seen <b>") && page.text.contains("There it is worse."))
    #expect(page.text.contains("to \(names[1])"), "the baseline is named")
    #expect(page.text.contains("Difference to \(names[1])"))
    #expect(StudyPictures(study).sets?.contains("seen &lt;b&gt;: ") == true)
    study.baseline = nil
    #expect(StudyPictures(study).sets == nil)
  }

  @Test func nothingIsFetchedOrRun() throws {
    let html = StudyPage(sampleStudy(arms: names)).html
    let page = try XMLElements(html)
    #expect(page.all("script").isEmpty && page.all("link").isEmpty && page.all("img").isEmpty)
    let addresses = page.elements.flatMap { element in
      ["href", "src", "action", "xlink:href"].compactMap { element.attributes[$0] }
    }
    #expect(!addresses.isEmpty && addresses.allSatisfy { $0.hasPrefix("#") })
    #expect(!html.contains("@import") && !html.contains("url(http"))
  }

  @Test func namesOfElementsAreUniqueAndResolve() throws {
    let page = try XMLElements(StudyPage(sampleStudy(arms: names)).html)
    let ids = page.elements.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
    let labels = page.elements.compactMap { $0.attributes["aria-labelledby"] }
    let names = labels.flatMap { $0.split(separator: " ").map(String.init) }
    let links = page.elements.compactMap { $0.attributes["href"] }.map { String($0.dropFirst()) }
    let wanted = names + links
    #expect(!wanted.isEmpty && Set(wanted).isSubset(of: Set(ids)))
  }

  @Test func everyFigureHasANameAndADescription() throws {
    let page = try XMLElements(StudyPage(sampleStudy(arms: names)).html)
    let shown = page.all("svg").filter { $0.attributes["aria-hidden"] != "true" }
    #expect(shown.count > 15)
    #expect(shown.allSatisfy { $0.attributes["role"] == "img" })
    #expect(shown.allSatisfy { $0.attributes["aria-labelledby"]?.contains(" ") == true })
    #expect(page.texts["desc"]?.allSatisfy { !$0.isEmpty } == true)
  }

  @Test func textFromOutsideStaysText() throws {
    let hostile = "</title><script>alert('x')</script>&amp;\"\u{1B}[31m\u{0}\u{FFFE}"
    var study = sampleStudy(arms: [hostile, "\u{202E}ylno txet", "עברית"])
    study.title = hostile
    study.conclusion = hostile
    study.groupKey = hostile
    study.created = hostile
    study.version = hostile
    study.command = hostile
    study.notes = [hostile]
    study.samples = [.init(prompt: hostile, texts: [.init(arm: hostile, text: hostile)])]
    study.common = [.init(key: hostile, value: hostile)]
    study.stopped = [.init(name: hostile, share: 0.5, rows: [])]
    study.teacher = (hostile, EvaluationReport())
    study.groups[0].name = hostile
    let page = try XMLElements(StudyPage(study).html)
    #expect(page.all("script").isEmpty)
    #expect(page.text.contains("</title><script>alert('x')</script>&amp;\"␛[31m␀\u{FFFD}"))
    #expect(try XMLElements(StudyPictures(study).ranking).all("script").isEmpty)
  }

  @Test func twelveArmsOfFiveSeedsStayUnderAMegabyte() throws {
    let arms = (1...12).map { "an arm with a long name, number \($0)" }
    let html = StudyPage(sampleStudy(arms: arms, seeds: 5, steps: 1000, isNoisy: true)).html
    #expect(html.utf8.count < 1_000_000)
    #expect(html.utf8.count > 300_000)
  }

  @Test func anAcceptanceOfSparseTargetsIsAnUpperBound() throws {
    var study = sampleStudy(arms: names)
    study.ranking[1].acceptance = nil
    study.ranking[1].acceptanceUpperBound = 0.25
    #expect(try XMLElements(StudyPage(study).html).text.contains("≤ 25.0 %"))
  }

  @Test func aReportWithoutResultsIsAPage() throws {
    let study = Study(
      title: "Nothing", created: "", version: "", command: "", conclusion: "No run ended.")
    let page = try XMLElements(StudyPage(study).html)
    #expect(page.all("section").isEmpty)
    #expect(page.text.contains("No run ended."))
  }

  @Test func numbersThatAreNoneDoNoHarm() throws {
    var study = sampleStudy(arms: names, seeds: 1, steps: 1)
    study.ranking[1].nll = .nan
    study.ranking[2].nllHalfWidth = .infinity
    study.ranking[2].difference = .infinity
    study.runs[0].records = [sampleRecord(step: 1, .nan)]
    study.runs[1].records[0].heldOutNll = nil
    study.runs[2].records = [sampleRecord(step: 1, 1e300), sampleRecord(step: 9, 3)]
    study.runs[2].records[1].loss = -1e300
    study.groups[0].arms[0].nll = .nan
    study.positions[0].bins = [.init(first: 1, last: 1, nll: .infinity)]
    let html = StudyPage(study).html
    let page = try XMLElements(html)
    let drawn = page.elements.flatMap { element in
      ["d", "x", "y", "transform", "viewBox"].compactMap { element.attributes[$0] }
    }
    #expect(!drawn.contains { $0.contains("nan") || $0.contains("inf") })
  }
}
