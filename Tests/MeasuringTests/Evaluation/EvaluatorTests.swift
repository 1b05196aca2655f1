@testable import Capture
import Foundation
@testable import Measuring
import Models
import Shards
import Tensors
import TestRuns
import TestSupport
import Testing
import Text

@Suite struct EvaluatorTests {
  /// Windows of several documents, masks, and one that takes two products of 64 rows.
  private let windows = Tiny.sequences(8, predictions: 20) + Tiny.sequences(1, predictions: 100)

  /// The teacher with its weights disturbed: near enough to agree with it here and there.
  private func student() throws -> Models.Decoder {
    let student = try Tiny.decoder("llama_tied")
    student.parameters.withValues { values in
      for (index, noise) in [Float].random(values.count, seed: 2).enumerated() {
        values[index] *= 1 + 0.1 * noise
      }
    }
    return student
  }

  private func targets(_ codec: CacheCodec, seed: UInt64 = 1) throws -> [Targets] {
    let runner = TeacherRunner(
      teacher: try Tiny.decoder("llama_tied"), codec: codec, seed: seed)
    return try windows.enumerated().map { index, window in
      try runner.targets(window, identity: UInt64(index))
    }
  }

  private func evaluate(_ codec: CacheCodec, seed: UInt64 = 1) throws -> EvaluationReport {
    let reference = Evaluator.Reference.stored(
      try targets(codec, seed: seed), threshold: exactAbove(codec),
      temperature: Float(codec.temperature))
    return try Evaluator(try student(), against: reference).evaluate(windows)
  }

  private func exactAbove(_ codec: CacheCodec) -> Float? {
    codec.samples == nil ? Float(codec.threshold ?? 0) : nil
  }

  /// What the definitions say, against the teacher itself.
  private func reference(temperature: Double = 1) throws -> EvaluationReference {
    let teacher = try Tiny.decoder("llama_tied")
    let rows = windows.map { window in
      logitRows(teacher, window).map { row in softmax(row.map { $0 / temperature }) }
    }
    return EvaluationReference(
      try student(), windows, teacher: { rows[$0][$1] }, temperature: temperature)
  }

  @Test func figuresAreThoseOfTheDefinitions() throws {
    let found = try Evaluator(
      try student(), against: .live(try Tiny.decoder("llama_tied"))
    ).evaluate(windows)
    let expected = try reference()
    #expect(found.tokens == expected.nll.count)
    #expect(found.tokens < windows.reduce(0) { $0 + $1.predictionCount }, "some are masked")
    #expect(abs(found.nll - mean(expected.nll)) < 1e-5)
    #expect(abs(found.perplexity - exp(mean(expected.nll))) < 1e-3 * found.perplexity)
    #expect(abs(found.calibrationError - expected.calibrationError) < 1e-5)
    let teacher = try #require(found.teacher)
    #expect(abs(teacher.kl - mean(expected.divergences)) < 1e-5)
    #expect(abs(try #require(teacher.klStandardError) - expected.divergenceError) < 1e-5)
    #expect(abs(try #require(found.nllStandardError) - expected.nllError) < 1e-5)
    let agreement = Double(expected.agreements) / Double(found.tokens)
    #expect(teacher.top1Agreement == agreement && agreement > 0.1 && agreement < 0.9)
    #expect(abs(try #require(teacher.acceptance) - mean(expected.overlaps)) < 1e-5)
    #expect(teacher.acceptanceUpperBound == nil && teacher.acceptanceLowerBound == nil)
    #expect(abs(try #require(teacher.acceptanceStandardError) - expected.overlapError) < 1e-5)
    let greedy = mean(expected.greedyAcceptances)
    #expect(abs(try #require(teacher.greedyAcceptance) - greedy) < 1e-5)
    #expect(teacher.greedyAcceptanceLowerBound == nil && teacher.greedyAcceptanceUpperBound == nil)
    let error = try #require(teacher.greedyAcceptanceStandardError)
    #expect(abs(error - expected.greedyAcceptanceError) < 1e-5)
    #expect(abs(try #require(teacher.top1StandardError) - expected.agreementError) < 1e-12)
    expectPercentiles(teacher, of: expected.divergences, within: 1e-5)
  }

  /// NumPy's default percentiles, computed by its formula.
  private func expectPercentiles(
    _ found: TeacherComparison, of values: [Double], within tolerance: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let sorted = values.sorted()
    let shares = [(found.klMedian, 0.5), (found.kl95, 0.95), (found.kl99, 0.99)]
    for (value, share) in shares + [(found.kl999, 0.999)] {
      let place = share * Double(sorted.count - 1)
      let (low, high) = (sorted[Int(place)], sorted[Int(place.rounded(.up))])
      let expected = low + (place - place.rounded(.down)) * (high - low)
      #expect(
        abs((value ?? .nan) - expected) < tolerance, "\(share): \(expected)",
        sourceLocation: sourceLocation)
    }
  }

  /// Live or stored, the teacher's own loss is that of its evaluation alone, at temperature 1.
  @Test func theTeachersOwnLossIsToldBesideTheModels() throws {
    let own = try Evaluator(try Tiny.decoder("llama_tied")).evaluate(windows).nll
    let live = try Evaluator(
      try student(), against: .live(try Tiny.decoder("llama_tied"))
    ).evaluate(windows)
    #expect(abs(try #require(live.teacher?.nll) - own) < 1e-9)
    for codec in [CacheCodec.dense(temperature: 2), .threshold(threshold: 0.05, temperature: 1)] {
      // Stored log-probabilities are rounded to a grid, sparse ones at random.
      #expect(abs(try #require(try evaluate(codec).teacher?.nll) - own) < 2e-3)
    }
  }

  @Test func positionsCountFromTheDocumentsStart() throws {
    let found = try Evaluator(try student()).evaluate(windows).nllByPosition
    let expected = try reference().positions
    #expect(found.count == expected.count && found.count == 100)
    for (value, values) in zip(found, expected) {
      #expect(values.isEmpty ? value.isNaN : abs(value - mean(values)) < 1e-4)
    }
  }

  @Test func aPositionThatIsMaskedEverywhereHasNoFigure() throws {
    let mask = [true, false, true]
    let window = PackedSequence(tokens: [1, 2, 3, 4], fragments: [4], lossMask: mask)
    let report = try Evaluator(try student()).evaluate([window])
    #expect(report.tokens == 2)
    #expect(report.nllByPosition.map(\.isNaN) == [false, true, false])
    #expect(report.teacher == nil)
  }

  @Test(arguments: [1.0, 2.0])
  func denseCachesGiveTheLiveTeachersFigures(temperature: Double) throws {
    let found = try evaluate(.dense(temperature: temperature))
    let expected = try reference(temperature: temperature)
    let teacher = try #require(found.teacher)
    #expect(abs(found.nll - mean(expected.nll)) < 1e-5, "the text is scored at temperature 1")
    // float16 log-probabilities are right to 2^-11 of themselves.
    #expect(abs(teacher.kl - mean(expected.divergences)) < 1e-3)
    #expect(abs(try #require(teacher.klStandardError) - expected.divergenceError) < 1e-3)
    expectPercentiles(teacher, of: expected.divergences, within: 5e-3)
    #expect(abs(try #require(teacher.acceptance) - mean(expected.overlaps)) < 1e-3)
    let greedy = mean(expected.greedyAcceptances)
    #expect(abs(try #require(teacher.greedyAcceptance) - greedy) < 1e-3)
    let agreement = Double(expected.agreements) / Double(found.tokens)
    #expect(abs(teacher.top1Agreement - agreement) <= 1 / Double(found.tokens))
  }

  @Test func tokensOfOneFloat16AreToldApartByTheStoredFavourite() throws {
    let V = 272
    var logits = [Float](repeating: 0, count: V)
    (logits[3], logits[7]) = (5, 5.000_01)
    var dense = DenseTargets(vocabularySize: V)
    for _ in 0..<2 {
      try logits.withUnsafeBufferPointer { row throws(ShardError) in
        try dense.append(logits: row, nextToken: 0, temperature: 1)
      }
    }
    #expect(dense.logProbabilities[3] == dense.logProbabilities[7] && dense.argmax[0] == 7)
    for favourite in [3, 7] {
      var student = [Float](repeating: 0, count: V)
      student[favourite] = 1
      let q = Tensor([V], student)
      let found = q.withValues { values in
        StoredRow(.dense(dense), 1, threshold: nil).compare(
          LogitRow(values.baseAddress!, count: V, owner: q.storage))
      }
      #expect(found.agrees == (favourite == 7))
    }
  }

  @Test(arguments: [1.0, 2.0])
  func sparseCachesAreRightOnAverage(temperature: Double) throws {
    let expected = try reference(temperature: temperature)
    let codec = CacheCodec.threshold(threshold: 0.05, temperature: temperature)
    var means = SampleMeans(3)
    for seed in 0..<60 {
      let found = try evaluate(codec, seed: UInt64(seed))
      let teacher = try #require(found.teacher)
      means.add([
        teacher.kl, try #require(teacher.greedyAcceptance),
        try #require(teacher.acceptanceLowerBound),
      ])
      #expect(
        teacher.greedyAcceptanceStandardError != nil && teacher.acceptanceStandardError == nil)
      #expect(abs(found.nll - mean(expected.nll)) < 1e-5)
      #expect(teacher.top1Agreement == Double(expected.agreements) / Double(found.tokens))
      #expect(teacher.acceptance == nil && teacher.klMedian == nil && teacher.kl999 == nil)
      #expect(try #require(teacher.acceptanceUpperBound) > mean(expected.overlaps))
    }
    let greedy = mean(expected.greedyAcceptances)
    means.expectMeans([mean(expected.divergences), greedy])
    #expect(means.standardError(0) < 0.01 * mean(expected.divergences))
    #expect(means.standardError(1) < 0.01 * greedy)
    // min is concave: what is right on average in t is too small in min(t, q).
    let overlap = mean(expected.overlaps)
    #expect(means.mean(2) < overlap - 4.5 * means.standardError(2) && means.mean(2) > 0.3 * overlap)
  }

  @Test func drawnTokensAreRightOnAverageAndBoundNothing() throws {
    let expected = try reference(temperature: 2)
    var means = SampleMeans(3)
    for seed in 0..<30 {
      let found = try evaluate(.sample(samples: 20, temperature: 2), seed: UInt64(seed))
      let teacher = try #require(found.teacher)
      means.add([
        teacher.kl, try #require(teacher.greedyAcceptance),
        try #require(teacher.acceptanceLowerBound),
      ])
      #expect(!teacher.klIsLowerBound)
      #expect(teacher.top1Agreement == Double(expected.agreements) / Double(found.tokens))
      #expect(teacher.acceptance == nil && teacher.acceptanceUpperBound == nil)
    }
    means.expectMeans([mean(expected.divergences), mean(expected.greedyAcceptances)])
    #expect(means.standardError(0) < 0.03 * mean(expected.divergences))
    #expect(means.mean(2) < mean(expected.overlaps) - 4.5 * means.standardError(2))
  }

  /// Merging the tail into one class loses divergence, and less of it the more is kept.
  @Test(arguments: [1.0, 2.0])
  func truncatedCachesGiveALowerBound(temperature: Double) throws {
    let expected = try reference(temperature: temperature)
    let found = try [1, 4, 16, 64].map { entries in
      try #require(try evaluate(.topk(entries: entries, temperature: temperature)).teacher)
    }
    let divergence = mean(expected.divergences)
    for (bound, next) in zip(found, found.dropFirst()) { #expect(bound.kl < next.kl) }
    for bound in found {
      #expect(bound.klIsLowerBound && bound.acceptance == nil && bound.kl95 == nil)
      #expect(bound.kl > 0 && bound.kl < divergence)
      #expect(bound.top1Agreement == found[0].top1Agreement)
      #expect(try #require(bound.acceptanceUpperBound) > mean(expected.overlaps) - 0.005)
      #expect(try #require(bound.acceptanceLowerBound) < mean(expected.overlaps) + 0.005)
    }
    expectBrackets(found, of: mean(expected.greedyAcceptances))
    #expect(found[0].top1Agreement == Double(expected.agreements) / Double(expected.nll.count))
  }

  /// The bounds of a greedy draft's acceptance close as more is kept; stored values are rounded.
  private func expectBrackets(_ found: [TeacherComparison], of acceptance: Double) {
    var widths: [Double] = []
    for bound in found {
      let low = bound.greedyAcceptanceLowerBound ?? bound.greedyAcceptance ?? .nan
      let high = bound.greedyAcceptanceUpperBound ?? bound.greedyAcceptance ?? .nan
      #expect(low < acceptance + 0.001 && high > acceptance - 0.001)
      #expect((bound.greedyAcceptance == nil) == (bound.greedyAcceptanceLowerBound != nil))
      widths.append(high - low)
    }
    #expect(zip(widths, widths.dropFirst()).allSatisfy { $1 <= $0 } && widths[0] > 0.01)
    #expect(widths[3] < 0.1 * widths[0])
  }

  /// The more of the teacher is certain, the nearer the bound comes to the acceptance.
  @Test func theUpperBoundFallsTowardsTheAcceptance() throws {
    let bounds = try [0.3, 0.05, 0.01].map { threshold in
      let codec = CacheCodec.threshold(threshold: threshold, temperature: 1)
      return try #require(try evaluate(codec).teacher?.acceptanceUpperBound)
    }
    let acceptance = mean(try reference().overlaps)
    #expect(bounds[0] > bounds[1] && bounds[1] > bounds[2] && bounds[2] > acceptance)
    #expect(bounds[2] - acceptance < 0.25 * (bounds[0] - acceptance))
  }

  @Test func aTeacherAgreesWithItself() throws {
    let teacher = try Tiny.decoder("llama_tied")
    let report = try Evaluator(teacher, against: .live(teacher)).evaluate(windows)
    let found = try #require(report.teacher)
    #expect(abs(found.kl) < 1e-7 && found.top1Agreement == 1)
    #expect(found.acceptance == 1)
  }

  @Test func anyNumberOfThreadsGivesTheSameFigures() throws {
    let references: [Evaluator.Reference] = [
      .live(try Tiny.decoder("llama_tied")), .stored(try targets(.whole), threshold: 0),
      .stored(try targets(.sparse), threshold: 0.05),
    ]
    for reference in references {
      let evaluator = Evaluator(try student(), against: reference)
      let reports = try (1...3).map { threads in
        try withThreadCount(threads) { "\(try evaluator.evaluate(windows))" }
      }
      #expect(reports[1] == reports[0])
      #expect(reports[2] == reports[0])
    }
  }

  @Test func progressCountsPredictions() throws {
    try withThreadCount(1) {
      var seen: [Int] = []
      let unmasked = Tiny.sequences(9).map {
        PackedSequence(tokens: $0.tokens, fragments: $0.fragments)
      }
      _ = try Evaluator(try student()).evaluate(unmasked) { seen.append($0) }
      #expect(seen == [48, 96, 108])
    }
  }
}
