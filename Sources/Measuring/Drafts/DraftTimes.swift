import Base
import Foundation
package import Models
import Tensors

/// The times of a draft's and a target's passes on this machine, as `generate` makes them: with
/// keys and values of what came before, on all threads, down to the logits.
package struct DraftTimes: Sendable, Equatable {
  /// The times that were taken in one turn of all widths.
  package struct Turn: Sendable, Equatable {
    /// The seconds of a token of the draft.
    let draft: Double
    /// The seconds in which the target reads 1, 2, … tokens at once.
    let target: [Double]

    /// Times of at least two widths of the target.
    package init(draft: Double, target: [Double]) {
      precondition(target.count > 1, "a token alone, and one that is checked beside it")
      self.draft = draft
      self.target = target
    }
  }

  /// The turns, at least one.
  package let turns: [Turn]

  /// Times of some turns.
  package init(_ turns: [Turn]) { self.turns = turns }

  /// The seconds of a token of the draft, the median of the turns.
  package var draft: Double { Self.median(turns.map(\.draft)) }

  /// The seconds in which the target reads 1, 2, … tokens at once, medians of the turns.
  package var target: [Double] {
    turns[0].target.indices.map { width in Self.median(turns.map { $0.target[width] }) }
  }

  /// The standard error over turns of the time of a round of k drafted tokens, in tokens of the
  /// target; nil with one turn.
  package func roundError(_ length: Int) -> Double? {
    Sample(turns.map { (Double(length) * $0.draft + $0.target[length]) / $0.target[0] })
      .standardError
  }

  /// The costs beside a token of the target.
  package var costs: DraftCosts {
    DraftCosts(draft: draft / target[0], verification: target.dropFirst().map { $0 / target[0] })
  }
}

extension DraftTimes {
  private static let turnCount = 7
  private static let passesPerTurn = 6

  /// Takes the times of passes after beginnings, in each turn the medians of some; all widths are in
  /// a turn, so that what else this machine does meets all of them.
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
    self.init(
      (0..<Self.turnCount).map { turn in
        let text = texts[turn % texts.count]
        return Turn(
          draft: Self.pass(of: draft, width: 1, along: text),
          target: (1...(longest + 1)).map { Self.pass(of: target, width: $0, along: text) })
      })
  }

  /// The median seconds of passes that each read the next tokens of a text, which begins again at
  /// its end.
  private static func pass(
    of model: Models.Decoder, width: Int, along text: DraftText
  ) -> Double {
    let tokens = text.sampled.isEmpty ? text.greedy : text.sampled
    let cache = { KeyValueCache(model.config, capacity: text.prompt.count + tokens.count + width) }
    var (keys, next) = (cache(), tokens.count)
    let seconds = (0..<passesPerTurn).map { _ in
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
    return median(seconds)
  }

  private static func median(_ seconds: [Double]) -> Double {
    let sorted = seconds.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
