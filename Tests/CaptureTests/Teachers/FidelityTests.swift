import Base
@testable import Capture
import Foundation
import Models
import Shards
import TestRuns
import TestSupport
import Testing
import Text

/// How near stored targets come to the real teacher, SmolLM2-135M-Instruct in Q4_1
/// (docs/design.md, "The targets").
///
/// `CODISTILL_TEACHER` names the GGUF file; `make test` sets `CODISTILL_REQUIRE_TEACHER` too, so
/// that there the suite cannot be skipped. The text is the beginning of Ruth in the World English
/// Bible, which is in the public domain.
@Suite(.enabled(if: Fidelity.isWanted)) struct FidelityTests {
  @Test func thresholdSamplingIsAsNearAsFiftyDraws() throws {
    let fidelity = try Fidelity()
    let threshold = try fidelity.thresholdSampling(threshold: 0.05)
    let draws = fidelity.multinomial(draws: 50)
    print(
      "\(fidelity.rows.count) positions; threshold 0.05: error \(threshold.error),"
        + " \(threshold.entries) entries a token; 50 draws: error \(draws.error),"
        + " \(draws.entries) entries a token")
    #expect(fidelity.rows.count == 256)
    #expect(threshold.error <= draws.error)
    #expect(threshold.entries < draws.entries)
    // Unbiased means a mass of 1 on average; each one lies within τ of it before rounding.
    #expect(abs(threshold.mass - 1) < 0.005)
  }
}

/// The root mean square of ‖t − p‖ over positions, and what a target takes.
private struct FidelityFigures {
  private(set) var entries = 0.0
  private(set) var mass = 0.0
  private var squares = 0.0

  var error: Double { squares.squareRoot() }

  /// Adds one of `count` positions: its estimate by id, and the whole distribution.
  mutating func add(_ estimate: [Int: Double], of p: [Double], count: Int) {
    let whole = p.reduce(0) { $0 + $1 * $1 }
    // ‖t − p‖² is ‖p‖² but for the entries that are kept.
    let difference = estimate.reduce(whole) { sum, entry in
      sum + (entry.value - p[entry.key]) * (entry.value - p[entry.key]) - p[entry.key]
        * p[entry.key]
    }
    squares += difference / Double(count)
    entries += Double(estimate.count) / Double(count)
    mass += estimate.values.reduce(0, +) / Double(count)
  }
}

/// The teacher's distributions over a text.
private struct Fidelity {
  static var path: String? { ProcessInfo.processInfo.environment["CODISTILL_TEACHER"] }

  static var isWanted: Bool {
    path != nil || ProcessInfo.processInfo.environment["CODISTILL_REQUIRE_TEACHER"] == "1"
  }

  let teacher: Models.Decoder
  let sequence: PackedSequence
  /// The distribution at each position, in float64.
  let rows: [[Double]]

  init() throws {
    let checkpoint = try Checkpoint.open(try #require(Self.path))
    let tokenizer = try #require(try checkpoint.tokenizer())
    let text = try String(contentsOf: Fixtures.url("texts/web_ruth_1.txt"), encoding: .utf8)
    let tokens = Array(try tokenizer.encode(text).prefix(257))
    teacher = try Models.Decoder(checkpoint)
    sequence = PackedSequence(tokens: tokens, fragments: [tokens.count])
    rows = logitRows(teacher, sequence).map(softmax)
  }

  /// What a cache would hold, its rounding included.
  func thresholdSampling(threshold: Double) throws -> FidelityFigures {
    let runner = TeacherRunner(
      teacher: teacher, codec: .threshold(threshold: threshold, temperature: 1), seed: 1)
    var figures = FidelityFigures()
    guard case .sparse(let targets) = try runner.targets(sequence, identity: 1) else {
      return figures
    }
    for (row, p) in rows.enumerated() {
      let estimate = targets.entries(of: row).map { entry in
        (Int(targets.ids[entry]), Double(targets.values[entry]))
      }
      figures.add(Dictionary(uniqueKeysWithValues: estimate), of: p, count: rows.count)
    }
    return figures
  }

  /// Random-sampling distillation: t = counts / n of n draws from p.
  func multinomial(draws: Int) -> FidelityFigures {
    var (figures, generator) = (FidelityFigures(), SplitMix64(seed: 1))
    for p in rows {
      var counts: [Int: Double] = [:]
      let points = (0..<draws).map { _ in generator.uniform() }.sorted()
      var (sum, next) = (0.0, 0)
      for (id, probability) in p.enumerated() where next < draws {
        sum += probability
        while next < draws, points[next] <= sum || id == p.count - 1 {
          counts[id, default: 0] += 1 / Double(draws)
          next += 1
        }
      }
      figures.add(counts, of: p, count: rows.count)
    }
    return figures
  }
}
