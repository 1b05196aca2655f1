import ArgumentParser

/// Checks of options that several commands share.
enum Limits {
  /// Throws unless a number is at least a least one, or absent.
  static func atLeast(_ least: Int, _ value: Int?, _ option: String) throws {
    guard let value, value < least else { return }
    throw ValidationError("\(option) takes at least \(least), found \(value)")
  }

  /// Throws unless a number is above zero, and finite.
  static func positive(_ value: Double, _ option: String) throws {
    guard value > 0, value.isFinite else {
      throw ValidationError("\(option) takes a number above 0, found \(value)")
    }
  }
}
