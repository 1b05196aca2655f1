import ArgumentParser

/// Checks of options that several commands share.
enum Limits {
  /// Throws unless a number is absent, or at least a minimum.
  static func atLeast(_ least: Int, _ value: Int?, _ option: String) throws {
    guard let value, value < least else { return }
    throw ValidationError("\(option) takes at least \(least), found \(value)")
  }

  /// The tokens of a sequence, as the format of caches has them.
  static let sequence = 2...(1 << 20)
  /// The sequences of a shard file, as the format of caches has them.
  static let shard = 1...(1 << 20)
  /// The entries or draws of a position, as the format of caches has them.
  static let entries = 1...(1 << 12)
  /// Token ids, as the format of caches has them.
  static let vocabulary = 2...(1 << 24)
  /// Texts of a length that some model may have.
  static let context = 1...(1 << 24)
  /// Counts of tokens and positions.
  static let tokens = 1...1_000_000_000_000_000

  /// Throws unless a number is within a range, or absent.
  static func within(_ range: ClosedRange<Int>, _ value: Int?, _ option: String) throws {
    guard let value, !range.contains(value) else { return }
    throw ValidationError(
      "\(option) takes \(range.lowerBound) to \(range.upperBound), found \(value)")
  }

  /// Throws unless a number is above zero, and finite.
  static func positive(_ value: Double, _ option: String) throws {
    guard value > 0, value.isFinite else {
      throw ValidationError("\(option) takes a number above 0, found \(value)")
    }
  }
}
