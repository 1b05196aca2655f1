package import Capture
package import Text

/// The part of held-out text that is in what a run trains on.
///
/// A text counts as trained on if all its letters and digits are there, in runs of 24 except where
/// windows cut them apart, and as nearly so from half of them on.
package struct HeldOutOverlap: Sendable, Equatable {
  /// The number of texts that are evaluated.
  package let count: Int
  /// The kind of these texts: documents or, where a cache is evaluated, sequences.
  package let unit: String
  /// The numbers of the texts that are trained on, and of those of which at least half is.
  package let trained, nearlyTrained: [Int]
  /// The origin of the first of each.
  let firstTrained, firstNear: String?

  /// Looks for the texts of an evaluation in what is trained on.
  ///
  /// - Parameters:
  ///   - heldOut: The evaluation.
  ///   - data: All that is trained on.
  ///   - tokenizer: The evaluation's tokenizer; nil finds copies token by token only.
  /// - Throws: `ShardError` where a cache is damaged.
  package init(of heldOut: HeldOutData, in data: [TrainedText], tokenizer: Tokenizer?) throws {
    let texts = try heldOut.texts()
    func shares(_ numbers: [Int], limit: Int?) throws -> (shares: [Double], isSampled: Bool) {
      var search = OverlapSearch(
        for: numbers.map { texts[$0].parts }, areFragments: heldOut.areFragments,
        tokenizer: tokenizer, limit: limit)
      for text in data {
        try text.data.forEachDocument { search.read($0, of: text.tokenizer) }
      }
      return (search.shares, search.isSampled)
    }
    var (found, isSampled) = try shares(Array(texts.indices), limit: nil)
    if isSampled {
      // A sample finds the texts to look at; whether they differ anywhere is in all shingles.
      let near = found.indices.filter { found[$0] >= OverlapSearch.near }
      for (number, share) in zip(near, try shares(near, limit: .max).shares) {
        found[number] = share
      }
    }
    count = texts.count
    unit = heldOut.areFragments ? "sequences" : "documents"
    trained = found.indices.filter { found[$0] == 1 }
    nearlyTrained = found.indices.filter { found[$0] < 1 && found[$0] >= OverlapSearch.near }
    firstTrained = trained.first.map { texts[$0].name }
    firstNear = nearlyTrained.first.map { texts[$0].name }
  }

  /// The texts that are trained on, in words; nil where none is.
  var trainedText: String? {
    firstTrained.map {
      "\(trained.count) of the \(count) \(unit) evaluated (first: \($0)) "
        + "\(trained.count == 1 ? "is" : "are") in what is trained on"
    }
  }

  /// The texts of which half or more is there, in words; nil where none is.
  package var sharedText: String? {
    let shared = trained.count + nearlyTrained.count
    return (firstTrained ?? firstNear).map {
      "\(shared) of the \(count) \(unit) evaluated (first: \($0)) \(shared == 1 ? "is" : "are")"
    }
  }

  /// A note about the near copies; nil where there are none.
  package var nearNote: String? {
    firstNear.map {
      "evaluation: of \(nearlyTrained.count) of the \(count) \(unit) (first: \($0)) half or more, "
        + "but not all, is in what is trained on"
    }
  }
}

/// The rule for a run that trains on its evaluation's text. (`evaluation.overlap`, `overlap`)
package enum OverlapRule: String, Sendable, CaseIterable {
  /// Nothing is evaluated.
  case refuse
  /// The evaluation goes without those texts.
  case remove
  /// They are evaluated all the same, and a note says so.
  case keep
}

extension HeldOutData {
  /// The evaluation as a rule leaves it, with notes on it.
  ///
  /// - Throws: ``PreparationError/trainedOn(_:key:)`` where the rule refuses, and where it leaves
  ///   nothing.
  package func apart(
    from data: [TrainedText], tokenizer: Tokenizer?, _ rule: OverlapRule, key: String
  ) throws -> (heldOut: HeldOutData, notes: [String]) {
    let overlap = try HeldOutOverlap(of: self, in: data, tokenizer: tokenizer)
    let near = overlap.nearNote.map { [$0] } ?? []
    guard let found = overlap.trainedText else { return (self, near) }
    switch rule {
    case .refuse: throw PreparationError.trainedOn(found, key: key)
    case .keep: return (self, ["evaluation: \(found), and measured all the same"] + near)
    case .remove:
      guard overlap.trained.count < overlap.count else {
        throw PreparationError.allTrainedOn(found)
      }
      return (
        try without(texts: overlap.trained),
        ["evaluation: \(found): they are left out of it"] + near
      )
    }
  }
}
