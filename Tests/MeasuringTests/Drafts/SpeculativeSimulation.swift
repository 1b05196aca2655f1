import Base
import Foundation
import Models
import Tensors
import TestRuns

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
  private var known: [[Int32]: (p: [Double], q: [Double])] = [:]

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
    let q = distributions(context).q
    return isDraftGreedy ? peaked(q) : q
  }

  private func choice(_ context: [Int32]) -> [Double] {
    let p = distributions(context).p
    return isTargetGreedy ? peaked(p) : p
  }

  private func peaked(_ p: [Double]) -> [Double] {
    let peak = p.firstIndex(of: p.max() ?? 0)
    return p.indices.map { $0 == peak ? 1 : 0 }
  }

  /// p of the target and q of the draft after a context, at the temperature.
  func distributions(_ context: [Int32]) -> (p: [Double], q: [Double]) {
    if let found = known[context] { return found }
    let made = (p: softened(target, context), q: softened(draft, context))
    known[context] = made
    return made
  }

  private func softened(_ model: Models.Decoder, _ context: [Int32]) -> [Double] {
    let logits = model.logits(TokenBatch(documents: [context]))
    return softmax(logits.array.suffix(logits.columns).map { Double($0) / temperature })
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
