@testable import Capture
import TestRuns
import TestSupport
import Testing
import Text

@Suite struct SurveyOrderTests {
  @Test(arguments: [0, 1, 2, 3, 7, 64, 100, 1000])
  func everySequenceIsInTheOrderOnce(count: Int) {
    #expect(SurveyOrder.evenly(count).sorted() == Array(0..<count))
  }

  @Test(arguments: [8, 16, 50])
  func everyBeginningIsSpreadEvenly(beginning: Int) {
    let places = SurveyOrder.evenly(1000).prefix(beginning).sorted()
    let gaps = zip(places + [1000], [0] + places).map { $0 - $1 }
    #expect(gaps.max() ?? 0 <= 3 * 1000 / beginning)
  }

  @Test func theCalibrationComesFirstAndTheOthersOnce() {
    let sequences = Tiny.sequences(500, predictions: 40)
    let order = SurveyOrder(sequences)
    #expect(order.calibration.count == 410)  // The fewest with 16,384 records of 40.
    #expect((order.calibration + order.others).sorted() == Array(0..<500))
    let few = SurveyOrder(Array(sequences.prefix(3)))
    #expect(few.calibration == [0, 1, 2] && few.others.isEmpty)
  }

  @Test(arguments: [1, 3, 4, 7, 11, 12])
  func aCutSequenceIsItsBeginning(limit: Int) {
    for whole in Tiny.sequences(6) {
      let cut = whole.cut(toPredictions: limit)
      #expect(cut.predictionCount == limit)
      #expect(cut.labels == Array(whole.labels.prefix(limit)))
      #expect(cut.fragments.reduce(0, +) == cut.tokens.count)
      #expect(cut.lossMask == whole.lossMask.map { Array($0.prefix(limit)) })
    }
  }
}

@Suite struct BreakEvenTests {
  @Test(arguments: [
    (capture: 110.0, live: 100.0, read: 1.0, passes: 2), (90, 100, 1, 1), (1000, 100, 50, 21),
    (198, 100, 1, 3), (100, 100, 0, 2),
  ])
  func passesAreTheLeastThatTheCacheIsCheaperFor(
    capture: Double, live: Double, read: Double, passes: Int
  ) {
    let costs = BreakEven(captureSeconds: capture, liveSeconds: live, readSeconds: read)
    #expect(costs.passes == passes)
    func cache(_ count: Int) -> Double { capture + Double(count) * read }
    #expect(cache(passes) < Double(passes) * live)
    #expect(cache(passes - 1) >= Double(passes - 1) * live)
  }

  @Test func readingSlowerThanTheTeacherNeverPays() {
    #expect(BreakEven(captureSeconds: 1, liveSeconds: 5, readSeconds: 5).passes == nil)
  }

  @Test func speedupIsOfTheWholePass() {
    let costs = BreakEven(captureSeconds: 1, liveSeconds: 90, readSeconds: 10)
    #expect(costs.speedup(studentSeconds: 30) == 3)
  }
}
