import Base
import Foundation
import Models
import TestRuns
import Text

/// Speculative decoding as it runs: a draft proposes, the target checks, what is rejected is drawn
/// again.
///
/// Algorithm 1 of Leviathan et al. 2023, with random numbers and float64, and nothing of ours but
/// the models' logits.
final class SpeculativeSimulation {
  /// The rounds of a text that begin where a longest one would still fit.
  struct Rounds {
    /// The number of rounds that accept at least j drafted tokens, j from 0 to k.
    var accepting: [Double]
    var tokens: Double { accepting.reduce(0, +) }
  }

  let draft, target: Models.Decoder
  let isDraftGreedy, isTargetGreedy: Bool
  private let temperature: Double
  private var generator: SplitMix64
  private var targets: [[Int32]: [Double]] = [:]
  private var drafts: [[Int32]: [Double]] = [:]

  init(
    _ draft: Models.Decoder, for target: Models.Decoder, temperature: Double, seed: UInt64,
    isDraftGreedy: Bool = false, isTargetGreedy: Bool = false
  ) {
    self.draft = draft
    self.target = target
    self.temperature = temperature
    self.isDraftGreedy = isDraftGreedy
    self.isTargetGreedy = isTargetGreedy
    generator = SplitMix64(seed: seed)
  }

  /// Writes a text of `limit` tokens after a prompt by rounds of k drafted tokens; those count that
  /// begin before its last `longest` ones.
  func write(
    after prompt: [Int32], length: Int, limit: Int, longest: Int
  ) -> (text: [Int32], rounds: Rounds) {
    var rounds = Rounds(accepting: Array(repeating: 0, count: length + 1))
    var text: [Int32] = []
    while text.count < limit {
      let isCounted = text.count < limit - longest
      let (kept, last) = round(prompt + text, length)
      if isCounted { for drafted in 0...kept.count { rounds.accepting[drafted] += 1 } }
      text += kept + [last]
    }
    return (Array(text.prefix(limit)), rounds)
  }

  private func round(_ context: [Int32], _ length: Int) -> (kept: [Int32], last: Int32) {
    var drafted: [Int32] = []
    for _ in 0..<length { drafted.append(draw(proposal(context + drafted))) }
    _ = choice(context + drafted)  // The target's one pass over all of them.
    for (place, token) in drafted.enumerated() {
      let kept = Array(drafted.prefix(place))
      let (p, q) = (choice(context + kept), proposal(context + kept))
      let isKept = generator.uniform() <= p[Int(token)] / q[Int(token)]
      guard !isKept else { continue }
      let rest = zip(p, q).map { max(0, $0 - $1) }
      return (kept, draw(rest))
    }
    return (drafted, draw(choice(context + drafted)))
  }

  /// The draft's distribution as its sampler has it, and the target's.
  private func proposal(_ context: [Int32]) -> [Double] {
    if let known = drafts[context] { return known }
    let q = softened(draft, context)[context.count - 1]
    drafts[context] = isDraftGreedy ? peaked(q) : q
    return drafts[context] ?? []
  }

  private func choice(_ context: [Int32]) -> [Double] {
    let p = distribution(context)
    return isTargetGreedy ? peaked(p) : p
  }

  private func peaked(_ p: [Double]) -> [Double] {
    let peak = p.firstIndex(of: p.max() ?? 0)
    return p.indices.map { $0 == peak ? 1 : 0 }
  }

  /// The target's p after a context, at the temperature; one pass tells those of all its beginnings.
  func distribution(_ context: [Int32]) -> [Double] {
    if let known = targets[context] { return known }
    for (place, p) in softened(target, context).enumerated() {
      targets[Array(context.prefix(place + 1))] = p
    }
    return targets[context] ?? []
  }

  private func softened(_ model: Models.Decoder, _ context: [Int32]) -> [[Double]] {
    let window = PackedSequence(tokens: context + [0], fragments: [context.count + 1])
    return logitRows(model, window).map { softmax($0.map { $0 / temperature }) }
  }

  private func draw(_ weights: [Double]) -> Int32 {
    var point = generator.uniform() * weights.reduce(0, +)
    for (id, weight) in weights.enumerated() where weight > 0 {
      point -= weight
      if point <= 0 { return Int32(id) }
    }
    return Int32(weights.lastIndex { $0 > 0 } ?? 0)
  }
}
