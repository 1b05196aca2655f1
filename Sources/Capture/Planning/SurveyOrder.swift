import Shards
import Text

/// The sequences that are looked at to predict a capture, in their order.
///
/// First those that the coding tables are calibrated on, as in the capture itself; then the others,
/// in an order of which every beginning is spread evenly over the data.
struct SurveyOrder {
  /// The numbers of the sequences that the tables are calibrated on.
  let calibration: [Int]
  /// The numbers of all other sequences.
  let others: [Int]

  /// The order for some sequences.
  init(_ sequences: [PackedSequence]) {
    calibration = CodingTables.calibrationSequences(recordCounts: sequences.map(\.predictionCount))
    let chosen = Set(calibration)
    let rest = sequences.indices.filter { !chosen.contains($0) }
    others = Self.evenly(rest.count).map { rest[$0] }
  }

  /// The numbers below a count in bit-reversed order: halves, quarters, eighths.
  static func evenly(_ count: Int) -> [Int] {
    guard count > 1 else { return Array(0..<max(count, 0)) }
    let bits = Int.bitWidth - (count - 1).leadingZeroBitCount
    return (0..<(1 << bits)).lazy.map { number in
      Int(UInt(number).bitReversed >> UInt(UInt.bitWidth - bits))
    }.filter { $0 < count }
  }
}

extension UInt {
  /// The bits from the other end.
  fileprivate var bitReversed: UInt {
    var (rest, result) = (self, UInt(0))
    for _ in 0..<UInt.bitWidth {
      result = result << 1 | rest & 1
      rest >>= 1
    }
    return result
  }
}

extension PackedSequence {
  /// The sequence cut after so many predictions.
  func cut(toPredictions limit: Int) -> PackedSequence {
    var (kept, room) = ([Int](), limit)
    for fragment in fragments where room > 0 {
      kept.append(min(fragment, room + 1))
      room -= kept[kept.count - 1] - 1
    }
    return PackedSequence(
      tokens: Array(tokens.prefix(kept.reduce(0, +))), fragments: kept,
      lossMask: lossMask.map { Array($0.prefix(limit)) })
  }
}
