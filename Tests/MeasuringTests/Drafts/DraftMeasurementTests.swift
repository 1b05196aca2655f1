import Foundation
@testable import Measuring
import Models
import Tensors
import TestRuns
import TestSupport
import Testing
import Text

@Suite struct DraftMeasurementTests {
  static let longest = 4
  private let temperature = 0.7
  private let limit = 24

  /// Beginnings of four random tokens.
  private static func prompts(_ count: Int) -> [[Int32]] {
    Tiny.sequences(count, predictions: 12).map { Array($0.tokens.prefix(4)) }
  }

  /// The teacher with its weights disturbed: near enough to be accepted here and there.
  private func student() throws -> Models.Decoder {
    let student = try Tiny.decoder("llama_tied")
    student.parameters.withValues { values in
      for (index, noise) in [Float].random(values.count, seed: 2).enumerated() {
        values[index] *= 1 + 0.1 * noise
      }
    }
    return student
  }

  private func texts(
    _ draft: Models.Decoder, prompts: [[Int32]], temperature: Double, seed: UInt64 = 1
  ) throws -> [DraftText] {
    try DraftMeasurement(
      draft, for: try Tiny.decoder("llama_tied"), temperature: temperature, seed: seed, ends: []
    ).texts(after: prompts, limit: limit)
  }

  @Test func aModelThatDraftsForItselfIsAccepted() throws {
    let teacher = try Tiny.decoder("llama_tied")
    let found = try texts(teacher, prompts: Self.prompts(6), temperature: temperature)
    let report = try #require(DraftReport(found, longest: Self.longest))
    for kind in [DraftKind.sampled, .bothGreedy] {
      let figures = try #require(report.kinds[kind])
      #expect(figures.acceptance.value == 1)
      for rounds in figures.rounds {
        #expect(rounds.tokens.value == Double(rounds.length + 1))
        #expect(rounds.acceptances.map(\.value) == Array(repeating: 1, count: rounds.length))
      }
    }
    // Its favourite is drawn as often as it is probable: a greedy draft is not even its own.
    let greedy = try #require(report.kinds[.greedy])
    var peaks: [Double] = []
    for text in found {
      let window = PackedSequence(
        tokens: text.prompt + text.sampled, fragments: [text.prompt.count + text.sampled.count])
      peaks += logitRows(teacher, window).suffix(text.sampled.count).map { row in
        softmax(row.map { $0 / temperature }).max() ?? 0
      }
    }
    #expect(abs(greedy.acceptance.value - mean(peaks)) < 1e-5 && mean(peaks) < 0.99)
  }

  @Test func acceptancesAreThoseOfTheDefinitions() throws {
    let (student, teacher) = (try student(), try Tiny.decoder("llama_tied"))
    let found = try texts(student, prompts: Self.prompts(2), temperature: temperature)
    for text in found {
      #expect(text.sampled.count == limit && text.greedy.count == limit)
      let window = PackedSequence(
        tokens: text.prompt + text.sampled, fragments: [text.prompt.count + limit])
      let rows = [teacher, student].map { model in
        logitRows(model, window).suffix(limit).map { softmax($0.map { $0 / temperature }) }
      }
      var (overlap, greedy) = (0.0, 0.0)
      for (place, token) in text.sampled.enumerated() {
        let (p, q) = (rows[0][place], rows[1][place])
        let favourite = q.firstIndex(of: q.max() ?? 0) ?? 0
        overlap += zip(p, q).reduce(0) { $0 + min($1.0, $1.1) }
        greedy += p[favourite]
        let ratio = min(1, q[Int(token)] / p[Int(token)])
        #expect(abs((text.acceptances[.sampled]?.accepted[place] ?? .nan) - ratio) < 1e-5)
        #expect(
          text.acceptances[.greedy]?.accepted[place] == (favourite == Int(token) ? 1 : 0))
      }
      #expect(abs((text.acceptances[.sampled]?.expected ?? .nan) - overlap) < 1e-4)
      #expect(abs((text.acceptances[.greedy]?.expected ?? .nan) - greedy) < 1e-4)
    }
  }

  /// What comes out of real rounds, drawn with random numbers, is what the renewal foretells.
  ///
  /// 180 beginnings of two tokens, 2,160 tokens a simulation; within 3 standard errors of both.
  @Test func drawnRoundsAreTheExpectedOnes() throws {
    let prompts = Tiny.sequences(180, predictions: 6).map { Array($0.tokens.prefix(2)) }
    let (student, teacher, length) = (try student(), try Tiny.decoder("llama_tied"), 3)
    let found = try DraftMeasurement(
      student, for: teacher, temperature: temperature, seed: 1, ends: []
    ).texts(after: prompts, limit: 12)
    let report = try #require(DraftReport(found, longest: length))
    for kind in [DraftKind.sampled, .greedy] {
      let simulation = SpeculativeSimulation(
        student, for: teacher, temperature: temperature, seed: 1, isDraftGreedy: kind == .greedy)
      let written = prompts.map {
        simulation.write(after: $0, length: length, limit: 12, longest: length)
      }
      let rounds = try #require(report.kinds[kind]?.rounds[length - 1])
      expectSame(rounds, written.map(\.rounds))
      expectTextsOfTheTarget(written.map(\.text), prompts, simulation)
    }
  }

  private func expectSame(
    _ found: DraftReport.Rounds, _ drawn: [SpeculativeSimulation.Rounds]
  ) {
    let accepting = (0...found.length).map { drafted in drawn.map { $0.accepting[drafted] } }
    expectSame(found.tokens, DocumentRatio(drawn.map(\.tokens), over: accepting[0]), "tokens")
    for drafted in 1...found.length {
      expectSame(
        found.acceptances[drafted - 1],
        DocumentRatio(accepting[drafted], over: accepting[drafted - 1]), "token \(drafted)")
    }
  }

  private func expectSame(_ found: DocumentRatio, _ drawn: DocumentRatio, _ name: String) {
    let errors = [found.standardError ?? .nan, drawn.standardError ?? .nan]
    let allowed = 3 * errors.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(found.value - drawn.value) <= allowed, "\(name): \(found), drawn \(drawn)")
    #expect(found.value > 0.05 && errors.allSatisfy { $0 > 0 && $0 < 0.1 }, "\(name): \(errors)")
  }

  /// Of texts of the target, each token's surprise is its context's entropy on average, and the
  /// favourite comes as often as it is probable.
  private func expectTextsOfTheTarget(
    _ texts: [[Int32]], _ prompts: [[Int32]], _ simulation: SpeculativeSimulation
  ) {
    var means = SampleMeans(2)
    for (prompt, text) in zip(prompts, texts) {
      for (place, token) in text.enumerated() {
        let p = simulation.distribution(prompt + text.prefix(place))
        let entropy = p.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
        let peak = p.max() ?? 0
        means.add([
          -log(p[Int(token)]) - entropy, (p.firstIndex(of: peak) == Int(token) ? 1 : 0) - peak,
        ])
      }
    }
    #expect(means.count >= 2000)
    means.expectMeans([0, 0], errors: 3)
  }

  /// Nothing is left to chance: the same rounds, and the target's own greedy text.
  @Test(arguments: [1, 2, 4])
  func greedyRoundsAreExact(length: Int) throws {
    let prompts = Self.prompts(8)
    let student = try student()
    let found = try texts(student, prompts: prompts, temperature: 0)
    let report = try #require(DraftReport(found, longest: Self.longest))
    #expect(report.kinds.keys.map { $0 } == [.bothGreedy] && report.tokens == 0)
    let simulation = SpeculativeSimulation(
      student, for: try Tiny.decoder("llama_tied"), temperature: 1, seed: 1, isDraftGreedy: true,
      isTargetGreedy: true)
    let written = prompts.map {
      simulation.write(after: $0, length: length, limit: limit, longest: Self.longest)
    }
    #expect(written.map(\.text) == found.map(\.greedy))
    let rounds = try #require(report.kinds[.bothGreedy]?.rounds[length - 1])
    let drawn = DocumentRatio(
      written.map(\.rounds.tokens), over: written.map { $0.rounds.accepting[0] })
    #expect(abs(rounds.tokens.value - drawn.value) < 1e-12)
    #expect(drawn.value > 1.2 && drawn.value < Double(length) + 0.95)
  }

  @Test func anyNumberOfThreadsGivesTheSameTexts() throws {
    let student = try student()
    let found = try (1...3).map { threads in
      try withThreadCount(threads) {
        try texts(student, prompts: Self.prompts(4), temperature: temperature)
      }
    }
    #expect(found[0] == found[1] && found[0] == found[2])
    let other = try texts(student, prompts: Self.prompts(4), temperature: temperature, seed: 2)
    #expect(other.map(\.sampled) != found[0].map(\.sampled))
    #expect(other.map(\.greedy) == found[0].map(\.greedy))
  }

  @Test func textsThatEndEarlyHaveTheirEndAndNoRounds() throws {
    let student = try student()
    let whole = try texts(student, prompts: Self.prompts(1), temperature: 0)
    let ends = [Int(whole[0].greedy[2])]
    let found = try DraftMeasurement(
      student, for: try Tiny.decoder("llama_tied"), temperature: 0, seed: 1, ends: ends
    ).texts(after: Self.prompts(1), limit: limit)
    #expect(found[0].greedy.last == Int32(ends[0]) && found[0].greedy.count <= 3)
    #expect(DraftReport(found, longest: Self.longest) == nil)
  }

  @Test func timesAreOfEveryWidth() throws {
    let found = try texts(try student(), prompts: Self.prompts(1), temperature: 1)
    let times = DraftTimes(
      try student(), for: try Tiny.decoder("llama_tied"), texts: found, longest: 30)
    #expect(times.draft > 0 && times.target.count == 31 && times.target.allSatisfy { $0 > 0 })
  }
}
