import Foundation

/// The held-out loss of an arm by position.
struct PositionCurve {
  /// The arm.
  var arm: String
  /// The bins, by rising position.
  var bins: [PositionBin]
}

extension PositionCurve {
  /// The curve of an arm, a mean over its runs.
  init(_ arm: StudyResult.Arm) {
    let curves = arm.rows.map(\.evaluation.nllByPosition)
    let length = curves.map(\.count).min() ?? 0
    let means = (0..<length).map { position in
      curves.reduce(0) { $0 + $1[position] } / Double(curves.count)
    }
    self.init(arm: arm.name, bins: PositionBin.logarithmic(means))
  }
}

/// Some neighbouring positions and their mean loss.
struct PositionBin: Equatable {
  /// The first position, counted from 1: the tokens that the prediction could see.
  var first: Int
  /// The last position.
  var last: Int
  /// The mean held-out loss.
  var nll: Double
}

extension PositionBin {
  /// A loss for every position, gathered into bins whose widths grow with the position.
  ///
  /// A position without a number (not finite) is left out; a bin without any is not there.
  ///
  /// - Parameters:
  ///   - losses: The mean loss at each position, the first of which is 1.
  ///   - limit: The most bins there may be.
  /// - Returns: the bins, by rising position.
  static func logarithmic(_ losses: [Double], limit: Int = 64) -> [Self] {
    edges(losses.count, limit: limit).compactMap { range in
      let known = losses[range.lowerBound - 1...range.upperBound - 1].filter(\.isFinite)
      guard !known.isEmpty else { return nil }
      return Self(
        first: range.lowerBound, last: range.upperBound,
        nll: known.reduce(0, +) / Double(known.count))
    }
  }

  /// Ranges that cover 1 to `count`, the later the wider.
  private static func edges(_ count: Int, limit: Int) -> [ClosedRange<Int>] {
    guard count > limit else { return (0..<count).map { $0 + 1...$0 + 1 } }
    // Rounding makes the first bins one wide, so that there are fewer than the limit in the end.
    let ends = (1...limit).map {
      Int(pow(Double(count), Double($0) / Double(limit)).rounded())
    }
    var ranges: [ClosedRange<Int>] = []
    var first = 1
    for end in ends where end >= first {
      ranges.append(first...end)
      first = end + 1
    }
    return ranges
  }
}
