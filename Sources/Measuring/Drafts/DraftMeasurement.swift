import Base
import Foundation
package import Models

/// Lets a target write texts, and scores a draft and the target along them.
///
/// Speculative decoding is lossless, so the contexts that a draft meets in use are those of the
/// target's own samples.
package struct DraftMeasurement {
  private static let rowsPerProduct = 64

  private let draft, target: Models.Decoder
  private let temperature: Float
  private let seed: UInt64
  private let ends: [Int]

  /// A measurement of a draft for a target of the same vocabulary.
  ///
  /// - Parameters:
  ///   - draft: The model that proposes tokens.
  ///   - target: The model whose text comes out.
  ///   - temperature: What both models' logits are divided by, at least 0; at 0 only greedy texts
  ///     are written.
  ///   - seed: What the texts are drawn with.
  ///   - ends: The tokens after which a text ends.
  package init(
    _ draft: Models.Decoder, for target: Models.Decoder, temperature: Double, seed: UInt64,
    ends: [Int]
  ) {
    precondition(
      draft.config.vocabSize == target.config.vocabSize, "two models over the same ids")
    self.draft = draft
    self.target = target
    self.temperature = Float(temperature)
    self.seed = seed
    self.ends = ends
  }

  /// Writes and scores a text after each beginning, of up to `limit` tokens.
  ///
  /// Each text is made on one thread, so that the figures are the same for any number of threads.
  ///
  /// - Throws: `NonFiniteLogitsError`.
  package func texts(
    after prompts: [[Int32]], limit: Int, progress: (_ texts: Int) -> Void = { _ in }
  ) throws -> [DraftText] {
    var texts: [DraftText] = []
    for first in stride(from: 0, to: prompts.count, by: Parallel.threadCount) {
      let count = min(Parallel.threadCount, prompts.count - first)
      texts += try Parallel.map(count) {
        try text(after: prompts[first + $0], number: first + $0, limit: limit)
      }
      progress(texts.count)
    }
    return texts
  }

  private func text(after prompt: [Int32], number: Int, limit: Int) throws -> DraftText {
    var generator = SplitMix64(seed: seed, name: "draft \(number)")
    let sampling = TextGenerator.Sampling(temperature: temperature, seed: generator.next())
    let greedy = try write(after: prompt, TextGenerator.Sampling(), limit)
    let sampled = temperature > 0 ? try write(after: prompt, sampling, limit) : []
    var acceptances = [DraftKind.bothGreedy: try scoreGreedy(prompt, greedy)]
    if temperature > 0 {
      let scores = try score(prompt, sampled)
      acceptances[.sampled] = scores.sampled
      acceptances[.greedy] = scores.greedy
    }
    return DraftText(prompt: prompt, sampled: sampled, greedy: greedy, acceptances: acceptances)
  }

  private func write(
    after prompt: [Int32], _ sampling: TextGenerator.Sampling, _ limit: Int
  ) throws -> [Int32] {
    try TextGenerator(target, sampling).continuation(of: prompt, limit: limit, ends: ends)
  }

  /// The acceptances along a text that was drawn from the target.
  private func score(
    _ prompt: [Int32], _ text: [Int32]
  ) throws -> (sampled: DraftText.Acceptances, greedy: DraftText.Acceptances) {
    var (sampled, greedy) = (DraftText.Acceptances(), DraftText.Acceptances())
    try forEachRow(prompt, text) { token, p, q in
      let (target, draft) = (p.scaled(temperature), q.scaled(temperature))
      withExtendedLifetime((target, draft)) {
        let ratio = draft.logProbability(Int(token)) - target.logProbability(Int(token))
        sampled.add(expected: draft.overlap(with: target), accepted: exp(min(0, ratio)))
        greedy.add(
          expected: exp(target.logProbability(draft.argmax)),
          accepted: draft.argmax == Int(token) ? 1 : 0)
      }
    }
    return (sampled, greedy)
  }

  /// The acceptances along the text of the target's favourites.
  private func scoreGreedy(_ prompt: [Int32], _ text: [Int32]) throws -> DraftText.Acceptances {
    var both = DraftText.Acceptances()
    try forEachRow(prompt, text) { _, p, q in
      let agreement = p.argmax == q.argmax ? 1.0 : 0
      both.add(expected: agreement, accepted: agreement)
    }
    return both
  }

  /// Gives the target's and the draft's logits before each token of a text.
  private func forEachRow(
    _ prompt: [Int32], _ text: [Int32], _ body: (Int32, _ p: LogitRow, _ q: LogitRow) -> Void
  ) throws {
    let batch = TokenBatch(documents: [prompt + text.dropLast()])
    let p = LogitRows(target, batch, chunk: Self.rowsPerProduct)
    let q = LogitRows(draft, batch, chunk: Self.rowsPerProduct)
    for (index, token) in text.enumerated() {
      let row = prompt.count - 1 + index
      let rows = (try p.row(row, of: "the teacher"), try q.row(row, of: "the model"))
      withExtendedLifetime(rows) { body(token, rows.0, rows.1) }
    }
  }
}
