import Foundation
@testable import Losses
import Shards
import TestRuns
import TestSupport
import Testing

/// The ghost bucket of top-k targets where the numbers are at their limits.
@Suite struct TruncatedTargetTests {
  private static let vocabulary = 700

  /// One prediction from given logits: the hidden state is 1, the projection the logits.
  private func result(
    _ logits: [Float], _ kept: [(id: Int, p: Float)], temperature: Float = 1, hard: Float = 0
  ) -> (found: LossResult, expected: (loss: Double, hidden: [Double], output: [Double])) {
    var signal = SparseTargets(isTruncated: true)
    signal.append(
      ids: kept.map { Int32($0.id) }, values: kept.map(\.p), argmax: Int32(kept[0].id),
      nextLogProbability: -1, entropy: 1)
    let found = LossResult(
      hidden: [1], output: logits, width: 1,
      LossTargets(
        labels: [3], signal: TeacherSignal([.sparse(signal)]), soft: [1], hard: [hard],
        temperature: temperature), normalizer: 1)
    var teacher = [Double](repeating: 0, count: logits.count)
    for (id, p) in kept { teacher[id] = Double(p) }
    var row = LossReference.Row(label: 3, soft: 1, hard: Double(hard), teacher: teacher)
    row.kept = Set(kept.map(\.id))
    let reference = LossReference(
      rows: [row], vocabulary: logits.count, width: 1, temperature: Double(temperature),
      normalizer: 1)
    return (found, reference(hidden: [1], output: logits.map(Double.init)))
  }

  /// Kept tokens that lead all others by so many nats, across block bounds and at both ends.
  private func leading(_ lead: Float) -> (logits: [Float], kept: [(id: Int, p: Float)]) {
    var logits = [Float].random(Self.vocabulary, seed: 8)
    let kept = [(0, Float(0.4)), (255, 0.2), (256, 0.1), (257, 0.05), (699, 0.15)]
    for (id, _) in kept { logits[id] += lead }
    return (logits, kept)
  }

  @Test(arguments: [0, 5, 15, 40, 80, 120, 600] as [Float], [1, 2] as [Float])
  func aTailOfNextToNothingIsNoRoundingNoise(lead: Float, temperature: Float) {
    let (logits, kept) = leading(lead)
    for hard in [0, 0.5] as [Float] {
      let (found, expected) = result(logits, kept, temperature: temperature, hard: hard)
      #expect(found.loss.isFinite)
      #expect(abs(Double(found.loss) - expected.loss) < 1e-5 * max(1, abs(expected.loss)))
      // Of the largest slope; each of the tail's is right to a part of itself, too.
      for (id, slope) in expected.output.enumerated() {
        let error = abs(Double(found.output[id]) - slope)
        #expect(error < 2e-6 + 2e-5 * abs(slope), "\(id): \(found.output[id]) for \(slope)")
      }
    }
  }

  @Test func aStudentWithTheTeachersMassesIsAtRest() {
    let logits = (0..<10).map { Float(log($0 < 3 ? 0.2 : 0.4 / 7)) }
    let (found, _) = result(logits, [(0, 0.2), (1, 0.2), (2, 0.2)])
    #expect(abs(found.loss) < 1e-6)
    #expect(found.output.allSatisfy { abs($0) < 1e-6 }, "the split within the tail is unknown")
  }

  @Test func aRowOfTheWholeVocabularyHasNoTail() {
    let p: [Float] = [0.5, 0.25, 0.125, 0.0625]
    var signal = SparseTargets(isTruncated: true)
    signal.append(
      ids: [0, 1, 2, 3], values: p, argmax: 0, nextLogProbability: -1, entropy: 1.2)
    let targets = LossTargets(
      labels: [3], signal: TeacherSignal([.sparse(signal)]), soft: [1], hard: [0])
    let found = LossResult(
      hidden: [1], output: [0, 0, 0, 0], width: 1, targets, normalizer: 1)
    // a q − t with a = 15 / 16.
    expectClose(found.output, p.map { 0.9375 * 0.25 - $0 }, within: 1e-6)
    #expect(found.loss.isFinite)
  }

  @Test func theLossIsALowerBoundOfTheDivergence() {
    let p = softmax([Float].random(50, seed: 1, deviation: 2).map(Double.init))
    let logits = [Float].random(50, seed: 2)
    let q = softmax(logits.map(Double.init))
    let whole = zip(p, q).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
    let order = p.indices.sorted { p[$0] > p[$1] }
    var last = 0.0
    for k in [1, 5, 20, 49] {
      let kept = order.prefix(k).sorted().map { (id: $0, p: Float(p[$0])) }
      let found = Double(result(logits, kept).found.loss)
      #expect(found > last - 1e-6 && found < whole + 1e-5, "\(k)")
      last = found
    }
    #expect(abs(last - whole) < 1e-4, "49 of 50 kept leave nothing to merge")
  }
}
