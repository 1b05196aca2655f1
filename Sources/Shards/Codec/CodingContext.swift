/// What a number of a frame is, and what is known when it is coded: docs/format.md, "Contexts".
///
/// A family has 64 contexts; each context has a table of its own.
enum CodingContext {
  /// What kind of entry a set of ids is.
  enum Role: Int, CaseIterable {
    case argmax, head, tail, next
  }

  /// The numbers that say which ids an entry or a set of entries has.
  enum Place: Int {
    /// How many are in the row where the current token last occurred; for a single id, the source.
    case recallCount
    /// How many of the others are in the frame's list.
    case listCount
    case recall
    case list
    case kind
    case rank
  }

  static let familySize = 64
  static let argmaxLevel = 24
  static let headCount = 25
  static let headLevel = 26
  static let tailCount = 27
  /// Two families.
  static let entropy = 28
  static let nextClass = 30
  static let nextHead = 31
  static let nextTail = 32
  static let nextLogProbability = 33
  static let count = 34 * familySize

  /// A context of the ids of a role, with two facts below 8.
  @inline(__always)
  static func place(_ place: Place, of role: Role, _ first: Int = 0, _ second: Int = 0) -> Int {
    (role.rawValue * 6 + place.rawValue) * familySize + first * 8 + second
  }

  /// A context of another family.
  @inline(__always)
  static func other(_ family: Int, _ index: Int = 0) -> Int { family * familySize + index }

  /// What a family's bytes are counted as in statistics.
  static func plane(of context: Int) -> CacheStatistics.PlaneName {
    switch context / familySize {
    case 0..<18: .ids
    case 18..<24, nextClass, nextHead, nextTail: .tokens
    case argmaxLevel, headLevel: .values
    case headCount, tailCount: .counts
    case entropy, entropy + 1: .entropy
    default: .nextLogProbability
    }
  }

  /// The number of binary digits.
  @inline(__always)
  static func bitLength(_ value: Int) -> Int { Int.bitWidth - value.leadingZeroBitCount }

  /// Eight classes of a count that is to be divided.
  @inline(__always)
  static func countClass(_ count: Int) -> Int {
    switch count {
    case ..<4: count
    case ..<6: 4
    case ..<9: 5
    case ..<14: 6
    default: 7
    }
  }

  /// Five classes of how many members of a set are still to come.
  @inline(__always)
  static func remainingClass(_ count: Int) -> Int { count < 4 ? count : count < 8 ? 4 : 5 }
}
