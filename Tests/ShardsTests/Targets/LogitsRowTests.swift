import Foundation
import Testing

@testable import Shards

@Suite struct LogitsRowTests {
  private func row(_ logits: [Float], next: Int32 = 0, temperature: Double = 1) throws -> LogitsRow
  {
    try logits.withUnsafeBufferPointer {
      try LogitsRow($0, nextToken: next, temperature: temperature, at: 4)
    }
  }

  @Test(arguments: [0.5, 1.0, 3.0])
  func theWholeIsThatOfTheDistribution(temperature: Double) throws {
    var teacher = SyntheticTeacher(vocabularySize: 400, seed: 8)
    let logits = teacher.logits(exponent: 1.3)
    let found = try row(logits, next: 17, temperature: temperature)
    let p = softmax(logits, temperature: temperature)
    #expect(abs(found.entropy + p.reduce(0) { $0 + $1 * log($1) }) < 1e-4)
    #expect(abs(found.nextLogProbability - log(softmax(logits)[17])) < 1e-5)
    #expect(found.peak == logits.max() && logits[Int(found.argmax)] == found.peak)
    for id in [0, 17, 399] {
      #expect(abs(found.logProbability(logits[id]) - log(p[id])) < 1e-5)
    }
  }

  /// Beside a peak of 30,000 a float32 sum of exponentials would lose the normaliser.
  @Test func aCommonOffsetChangesNothing() throws {
    let logits: [Float] = [0, 1, -2, 0.5]
    let (plain, lifted) = (try row(logits, next: 2), try row(logits.map { $0 + 32_768 }, next: 2))
    #expect(abs(plain.entropy - lifted.entropy) < 1e-6)
    #expect(abs(plain.nextLogProbability - lifted.nextLogProbability) < 1e-6)
    #expect(lifted.peak == 32_769)
  }

  @Test func ofEqualLogitsTheLowestIDIsTheArgmax() throws {
    #expect(try row([1, 3, 3, 2]).argmax == 1)
    #expect(try row([Float](repeating: 2, count: 130)).argmax == 0)
  }

  @Test func rowsThatAreNoDistributionAreRefused() {
    for logits: [Float] in [[0, .nan], [.infinity, 0], [-.infinity, -.infinity]] {
      #expect(throws: ShardError.invalidLogits(position: 4)) { try row(logits) }
    }
  }
}
