/// The treatment of matches where a text is split at them (tokenizers' `SplitDelimiterBehavior`).
enum SplitBehavior: String, Sendable, CaseIterable {
  case isolated = "Isolated"
  case removed = "Removed"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"
}

/// A pattern, and what happens to its matches.
struct Splitter: Sendable {
  /// The pattern that is looked for.
  let pattern: Pattern
  /// The treatment of the matches.
  let behavior: SplitBehavior
  /// Whether matches and gaps change places.
  var isInverted = false

  private typealias Part = (range: Range<Int>, isMatch: Bool)

  /// Appends the pieces of `text[range]`, none of them empty.
  ///
  /// - Throws: `PatternError` when that takes too many steps.
  func split(
    _ text: [UInt8], _ range: Range<Int>, into pieces: inout [Range<Int>]
  ) throws(PatternError) {
    if behavior == .isolated {
      try forEachPart(of: text, range) { part in pieces.append(part.range) }
      return
    }
    var parts: [Part] = []
    try forEachPart(of: text, range) { parts.append($0) }
    pieces += merged(parts)
  }

  /// Calls `body` with gaps and matches in order, empty ones left out.
  private func forEachPart(
    of text: [UInt8], _ range: Range<Int>, _ body: (Part) -> Void
  ) throws(PatternError) {
    var start = range.lowerBound
    try pattern.matches(in: text, range) { match in
      if start < match.lowerBound { body((start..<match.lowerBound, isInverted)) }
      if !match.isEmpty { body((match, !isInverted)) }
      start = match.upperBound
    }
    if start < range.upperBound { body((start..<range.upperBound, isInverted)) }
  }

  private func merged(_ parts: [Part]) -> [Range<Int>] {
    switch behavior {
    case .isolated: parts.map(\.range)
    case .removed: parts.filter { !$0.isMatch }.map(\.range)
    case .contiguous: joined(parts) { $0.isMatch == $1.isMatch }
    // A match joins the gap beside it; of two matches in a row only the one next to the gap does.
    case .mergedWithPrevious: joined(parts) { !$0.isMatch && $1.isMatch }
    case .mergedWithNext: joined(parts) { $0.isMatch && !$1.isMatch }
    }
  }

  private func joined(_ parts: [Part], where belong: (Part, Part) -> Bool) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    for (index, part) in parts.enumerated() {
      if index > 0, belong(parts[index - 1], part), let last = pieces.popLast() {
        pieces.append(last.lowerBound..<part.range.upperBound)
      } else {
        pieces.append(part.range)
      }
    }
    return pieces
  }
}
