import Foundation

/// A text with the log-probabilities that a model elsewhere gave for each of its tokens.
public struct ScoredText: Sendable, Equatable {
  /// The model's prediction of one token from those before it.
  public struct Row: Sendable, Equatable {
    /// The most probable tokens, the likeliest first; the true one is among them or not.
    public var ids: [Int32]
    /// Their log-probabilities in nats.
    public var logProbabilities: [Double]
    /// The log-probability of the token that is there; -Infinity where the model rules it out.
    public var trueLogProbability: Double
    /// The number of tokens given without any probability; they are not among `ids`.
    public var impossible = 0
  }

  /// The token ids.
  public var tokens: [Int32]
  /// A row for each token but the first.
  public var rows: [Row]
  /// The number of entries left out because their text does not tell which token they are.
  public var unidentified = 0
}

/// Recognises log-probabilities that were taken after a sampler's filter.
///
/// With top_k, top_p, min_p or temperature 0 in the request, some servers give what is left after
/// them: a few tokens that share all of the probability, and a stand-in (-Infinity, -9999, -100)
/// for every other. Those are no teacher's distribution.
struct SamplingFilter {
  /// A log-probability that no model's logits reach: from here on it stands for -Infinity.
  static let standIn = -1_000.0

  /// From here on a sum of probabilities is all of it: values in bfloat16 are 0.4 % off.
  private static let allMass = 0.98
  /// Round or repeated log-probabilities below this are stand-ins; above, 16-bit logits make them.
  private static let farBelow = -80.0

  /// The number of token ids.
  let vocabularySize: Int

  /// Whether the entries of a row hold all of the mass while others stand at a value for none.
  func hasMade(_ row: ScoredText.Row) -> Bool {
    let values = row.logProbabilities
    let standIns = Self.standIns(values)
    let impossible = row.impossible + standIns
    guard impossible > 0, mass(values.dropLast(standIns)) > Self.allMass else { return false }
    // A row of the whole vocabulary may have padding without any probability.
    return !(isWhole(row) && 2 * impossible < values.count + row.impossible)
  }

  /// The first row that a filter has made, where only the rows together tell; nil for none.
  func firstRow(of text: ScoredText) -> Int? {
    let never = text.rows.indices.filter { text.rows[$0].trueLogProbability == -.infinity }
    if never.count > 1, 100 * never.count > text.rows.count { return never[0] + 1 }
    return text.rows.count > 1 && text.rows.allSatisfy(isClosed) ? 1 : nil
  }

  /// The number of last values that are round or repeated numbers far below all others.
  private static func standIns(_ values: [Double]) -> Int {
    let low = values.suffix(while: { $0 <= Self.farBelow })
    guard let last = low.last else { return 0 }
    return last == last.rounded() || low.count { $0 == last } > 1 ? low.count : 0
  }

  /// Whether nothing is left beside entries of which even the least is common: a model's own
  /// distribution goes on below them.
  private func isClosed(_ row: ScoredText.Row) -> Bool {
    !isWhole(row) && mass(row.logProbabilities[...]) > 1 - 1e-5
      && row.logProbabilities.allSatisfy { $0 > -9 }
  }

  private func isWhole(_ row: ScoredText.Row) -> Bool {
    2 * (row.ids.count + row.impossible) >= vocabularySize
  }

  private func mass(_ values: ArraySlice<Double>) -> Double { values.reduce(0) { $0 + exp($1) } }
}

extension Array {
  /// The last elements that all satisfy a condition.
  fileprivate func suffix(while condition: (Element) -> Bool) -> ArraySlice<Element> {
    let start = lastIndex { !condition($0) }.map { $0 + 1 } ?? startIndex
    return self[start...]
  }
}
