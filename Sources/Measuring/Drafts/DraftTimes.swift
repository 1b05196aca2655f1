import Base
import Foundation
package import Models
import Tensors

/// The times of a draft's and a target's passes on this machine, as `generate` makes them: with
/// keys and values of what came before, on all threads, down to the logits.
package struct DraftTimes: Sendable, Equatable {
  /// The seconds of a token of the draft.
  package let draft: Double
  /// The seconds in which the target reads 1, 2, … tokens at once.
  package let target: [Double]

  /// Times that were taken elsewhere; the target's are those of at least two widths.
  package init(draft: Double, target: [Double]) {
    precondition(target.count > 1, "a token alone, and one that is checked beside it")
    self.draft = draft
    self.target = target
  }

  /// The costs beside a token of the target.
  package var costs: DraftCosts {
    DraftCosts(draft: draft / target[0], verification: target.dropFirst().map { $0 / target[0] })
  }
}

extension DraftTimes {
  private static let rounds = 5
  private static let passesPerRound = 8

  /// Takes the times of passes after beginnings, medians of forty each; the widths take turns, so
  /// that what else this machine does meets all of them.
  ///
  /// - Parameters:
  ///   - draft: The model that proposes tokens, one at a time.
  ///   - target: The model that checks up to `longest` of them and adds one of its own.
  ///   - texts: Texts of the target; which tokens are read decides only what experts of a mixture
  ///     are woken.
  ///   - longest: The most tokens that are checked, at least 1.
  package init(
    _ draft: Models.Decoder, for target: Models.Decoder, texts: [DraftText], longest: Int
  ) {
    var (drafts, targets) = ([Double](), [[Double]](repeating: [], count: longest + 1))
    for round in 0..<Self.rounds {
      let text = texts[round % texts.count]
      drafts += Self.passes(of: draft, width: 1, along: text)
      for width in 1...(longest + 1) {
        targets[width - 1] += Self.passes(of: target, width: width, along: text)
      }
    }
    self.init(draft: Self.median(drafts), target: targets.map(Self.median))
  }

  /// The seconds of passes that each read the next tokens of a text, which begins again at its end.
  private static func passes(
    of model: Models.Decoder, width: Int, along text: DraftText
  ) -> [Double] {
    let tokens = text.sampled.isEmpty ? text.greedy : text.sampled
    let cache = { KeyValueCache(model.config, capacity: text.prompt.count + tokens.count + width) }
    var (keys, next) = (cache(), tokens.count)
    return (0..<passesPerRound).map { _ in
      if next + width > tokens.count {
        keys = cache()
        next = 0
        _ = model(TokenBatch(continuing: text.prompt, seen: 0), cache: keys)
      }
      let read = (next..<next + width).map { tokens[$0 % tokens.count] }
      next += width
      let began = ContinuousClock.now
      model.logits(model(TokenBatch(continuing: read, seen: keys.count), cache: keys))
        .withValues { _ in }
      return (ContinuousClock.now - began) / .seconds(1)
    }
  }

  private static func median(_ seconds: [Double]) -> Double {
    let sorted = seconds.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
