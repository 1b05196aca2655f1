@testable import Capture
import Foundation
@testable import Measuring
import Models
import Shards
import TestRuns
import TestSupport
import Testing
import Text

/// Every figure against its definition, summed over whole rows in float64.
@Suite struct FidelityMeasurementTests {
  private static let readings: [TargetReading] = [.stored, .renormalized, .bucket, .even]

  private let items = Tiny.sequences(3, predictions: 20).enumerated().map { number, sequence in
    FidelityMeasurement.Item(
      number: number,
      text: SequenceTokens(
        identity: UInt64(number), tokens: sequence.tokens, fragments: sequence.fragments))
  }

  private var student: WeakStudent {
    WeakStudent(vocabularySize: Tiny.vocabulary, seeing: items.flatMap(\.text.tokens))
  }

  @Test(arguments: [1.0, 2.0]) func figuresAreTheirDefinitions(temperature: Double) throws {
    let teacher = try Tiny.decoder("llama_tied")
    let fixed = FixedEstimator(temperature: temperature, readings: Self.readings)
    let figures = try FidelityMeasurement(
      source: .teacher(teacher), student: student, estimators: [fixed]
    ).run(items) { _ in }
    let expected = Definitions(teacher, items, student, temperature: temperature)
    for (reading, found) in zip(Self.readings, figures[0]) {
      let wanted = expected.figures(reading)
      #expect(found.tokens == 60)
      #expect(abs(found.rmsError / wanted.rmsError - 1) < 1e-4, "\(reading)")
      #expect(abs(found.gradientAngle - wanted.gradientAngle) < 0.01, "\(reading)")
      #expect(abs(found.massKept - wanted.massKept) < 1e-5, "\(reading)")
      #expect(abs(found.meanMass - wanted.meanMass) < 1e-5, "\(reading)")
      #expect(abs(found.klBias - wanted.klBias) < 1e-4, "\(reading)")
      #expect(found.entriesPerToken == 3)
    }
  }

  /// Targets that are p itself have no error, no angle and no bias.
  @Test func theDistributionItselfLosesNothing() throws {
    let whole = FixedEstimator(temperature: 1, readings: [.stored], entries: Tiny.vocabulary)
    let figures = try FidelityMeasurement(
      source: .teacher(try Tiny.decoder("llama_tied")), student: student, estimators: [whole]
    ).run(items) { _ in }[0][0]
    #expect(figures.rmsError < 1e-6)
    #expect(figures.gradientAngle < 1e-2)
    #expect(abs(figures.klBias) < 1e-5)
    #expect(abs(figures.massKept - 1) < 1e-5)
  }

  @Test func anyNumberOfThreadsGivesTheSameFigures() throws {
    let teacher = try Tiny.decoder("llama_tied")
    let all = try (1...3).map { threads in
      try withThreadCount(threads) {
        let codecs: [CacheCodec] = [
          .threshold(threshold: 0.1, temperature: 1), .topk(entries: 5, temperature: 2),
          .sample(samples: 20, temperature: 1),
        ]
        let estimators = try codecs.map {
          try CodecEstimator($0, vocabularySize: Tiny.vocabulary, seed: 3) { _ in }
        }
        return try FidelityMeasurement(
          source: .teacher(teacher), student: student, estimators: estimators
        ).run(items) { _ in }
      }
    }
    #expect(all[0].map(\.count) == [1, 2, 1])
    #expect(all[1] == all[0])
    #expect(all[2] == all[0])
  }

  /// What the codec hands on is what a capture would have stored.
  @Test func aCodecStoresWhatACaptureStores() throws {
    let teacher = try Tiny.decoder("llama_tied")
    let codec = CacheCodec.threshold(threshold: 0.05, temperature: 1)
    var found: [CachedSequence] = []
    let estimator = try CodecEstimator(codec, vocabularySize: Tiny.vocabulary, seed: 3) {
      found.append($0)
    }
    _ = try FidelityMeasurement(
      source: .teacher(teacher), student: student, estimators: [estimator]
    ).run(items) { _ in }
    let runner = TeacherRunner(teacher: teacher, codec: codec, seed: 3)
    for (sequence, item) in zip(found, items) {
      let wanted = try runner.targets(PackedSequence(item.text), identity: item.text.identity)
      guard case .sparse(let ours) = sequence.targets, case .sparse(let theirs) = wanted else {
        Issue.record("sparse targets expected")
        return
      }
      #expect(ours.ids == theirs.ids && ours.values == theirs.values)
    }
  }
}

/// Three entries a position, or all: the first of the vocabulary at nine tenths of their mass.
private final class FixedEstimator: TargetEstimator {
  let temperature: Double
  let readings: [TargetReading]
  private let entries: Int

  init(temperature: Double, readings: [TargetReading], entries: Int = 3) {
    self.temperature = temperature
    self.readings = readings
    self.entries = entries
  }

  func begin(_ text: SequenceTokens) {}
  func end() {}

  func estimates(_ row: ReferenceRow) -> [TargetEstimate] {
    let ids = Array(0..<Int32(entries))
    let share: Float = entries == 3 ? 0.9 : 1
    let values = ids.map { share * row.probabilities[Int($0)] }
    let estimate = TargetEstimate(ids: ids, values: values, argmax: 0)
    return readings.map { estimate.read($0) }
  }
}

/// The figures of `FixedEstimator`, from whole rows.
private struct Definitions {
  private struct Position {
    let p, q: [Double]
    let hidden: [Double]
  }

  private var positions: [Position] = []

  init(
    _ teacher: Models.Decoder, _ items: [FidelityMeasurement.Item], _ student: WeakStudent,
    temperature: Double
  ) {
    let q = student.logProbabilities(temperature: temperature).map { exp(Double($0)) }
    for item in items {
      let sequence = PackedSequence(item.text)
      for (row, input) in zip(logitRows(teacher, sequence), sequence.inputs) {
        positions.append(
          Position(
            p: softmax(row.map { $0 / temperature }), q: q,
            hidden: WeakStudent.hidden(after: input).map(Double.init)))
      }
    }
  }

  func figures(_ reading: TargetReading) -> FidelityFigures {
    var (squares, kept, mass, bias) = (0.0, 0.0, 0.0, 0.0)
    let width = positions[0].hidden.count
    var exact = [Double](repeating: 0, count: positions[0].p.count * width)
    var sparse = exact
    for position in positions {
      let (p, q) = (position.p, position.q)
      let t = target(p, q, reading)
      squares += zip(t, p).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      kept += p[0] + p[1] + p[2]
      mass += t.reduce(0, +)
      bias += divergence(t, q, reading) - zip(p, q).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
      for id in p.indices {
        for (column, h) in position.hidden.enumerated() {
          exact[id * width + column] += (q[id] - p[id]) * h
          sparse[id * width + column] += (q[id] - t[id]) * h
        }
      }
    }
    let n = Double(positions.count)
    let product = zip(exact, sparse).reduce(0) { $0 + $1.0 * $1.1 }
    let lengths = [exact, sparse].map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    return FidelityFigures(
      tokens: positions.count, entriesPerToken: 3, rmsError: (squares / n).squareRoot(),
      gradientAngle: acos(product / (lengths[0] * lengths[1])) * 180 / .pi, klBias: bias / n,
      klBiasStderr: 0, truncationKl: nil, massKept: kept / n, meanMass: mass / n,
      calibrationError: 0)
  }

  private func target(_ p: [Double], _ q: [Double], _ reading: TargetReading) -> [Double] {
    let head = p[0] + p[1] + p[2]
    let scale = reading == .renormalized ? 1 / head : 0.9
    let rest = 1 - 0.9 * head
    let tail = q.dropFirst(3).reduce(0, +)
    return p.indices.map { id in
      if id < 3 { return scale * p[id] }
      switch reading {
      case .even: return rest / Double(p.count - 3)
      case .bucket: return rest * q[id] / tail
      default: return 0
      }
    }
  }

  /// KL to the student, where the rest counts as one entry.
  private func divergence(_ t: [Double], _ q: [Double], _ reading: TargetReading) -> Double {
    let head = (0..<3).reduce(0) { $0 + t[$1] * log(t[$1] / q[$1]) }
    let rest = t.dropFirst(3).reduce(0, +)
    return rest > 0 ? head + rest * log(rest / q.dropFirst(3).reduce(0, +)) : head
  }
}
