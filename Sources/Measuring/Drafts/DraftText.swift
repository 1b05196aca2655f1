import Base
package import Text

/// The target's own texts after a beginning, and how a draft does along them.
package struct DraftText: Sendable, Equatable {
  /// The acceptances of one kind along a text.
  package struct Acceptances: Sendable, Equatable {
    /// The sum over the text's positions of the probability that a token drafted there is accepted,
    /// whatever came out: Σ min(p, q), p(argmax q), or 1 where both favourites are the same.
    package var expected = 0.0
    /// The probability of each token to be accepted where it is drafted, given that it came out:
    /// min(1, q/p) of it, or 1 where it is the draft's favourite.
    package var accepted: [Double] = []

    /// The acceptances of no token.
    package init() {}

    mutating func add(expected value: Double, accepted probability: Double) {
      expected += value
      accepted.append(probability)
    }
  }

  /// The beginning, at least one token.
  package let prompt: [Int32]
  /// The text that the target gives at the temperature; none at temperature 0.
  package let sampled: [Int32]
  /// The text of the target's most probable tokens.
  package let greedy: [Int32]
  /// The acceptances of each kind; the first two are along the sampled text.
  package let acceptances: [DraftKind: Acceptances]
}

/// The beginnings of documents that a target goes on from.
package struct DraftPrompts: Sendable, Equatable {
  /// The tokens of each, in the order of the documents.
  package let prompts: [[Int32]]
  /// The tokens of the longest document.
  package let longestDocument: Int

  /// Takes the beginnings of up to `count` documents, those of the least hashes; beginnings that
  /// are alike count once, because the target would give the same text after them.
  ///
  /// The beginning of a record of prompt and completion is its prompt; of any other document it is
  /// its first `tokens` tokens, and shorter documents are passed over.
  ///
  /// - Parameters:
  ///   - documents: Whole documents, one a sequence.
  ///   - tokens: The tokens of a beginning that is no prompt, at least 1.
  ///   - count: The most beginnings.
  package init(of documents: [PackedSequence], tokens: Int, count: Int) {
    var known = Set<[Int32]>()
    let prompts = documents.compactMap { document -> (hash: UInt64, tokens: [Int32])? in
      let asked = document.lossMask?.firstIndex(of: true).map { $0 + 1 }
      let length = asked ?? tokens
      guard document.tokens.count >= length else { return nil }
      let prompt = Array(document.tokens.prefix(length))
      return known.insert(prompt).inserted ? (Self.hash(document.tokens), prompt) : nil
    }
    let chosen = prompts.indices.sorted { (prompts[$0].hash, $0) < (prompts[$1].hash, $1) }
      .prefix(count).sorted()
    self.prompts = chosen.map { prompts[$0].tokens }
    longestDocument = documents.map(\.tokens.count).max() ?? 0
  }

  private static func hash(_ tokens: [Int32]) -> UInt64 {
    Digest(of: Digest.bytes(tokens: tokens, fragments: [], mask: nil)).number
  }
}
