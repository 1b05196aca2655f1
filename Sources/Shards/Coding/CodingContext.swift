/// The contexts of a frame's numbers: each number's kind, and the facts known when it is coded
/// (docs/format.md).
///
/// A family has 64 contexts; each context has a table of its own.
enum CodingContext {
  /// A kind of entry that has ids.
  enum Role: Int, CaseIterable {
    case argmax, head, tail, next
  }

  /// The numbers that say which ids an entry or a set of entries has.
  enum Place: Int {
    /// The count of those in the row where the current token last occurred; for one id, its source.
    case recallCount
    /// The count of the others that are in the frame's list.
    case listCount
    case recall
    case list
    case kind
    case rank
  }

  /// The contexts of a family.
  static let familySize = 64
  /// The family of the level of the argmax.
  static let argmaxLevel = 24
  /// The family of the size of the head.
  static let headCount = 25
  /// The family of the levels of the head.
  static let headLevel = 26
  /// The family of the size of the tail, as its distance from what is expected.
  static let tailCount = 27
  /// Two families.
  static let entropy = 28
  /// The family of the class of the next token.
  static let nextClass = 30
  /// The family of the rank of the next token in the head.
  static let nextHead = 31
  /// The family of the place of the next token in the tail.
  static let nextTail = 32
  /// The family of the log-probability of the next token.
  static let nextLogProbability = 33
  /// The contexts of all families.
  static let count = 34 * familySize

  /// A context of the ids of a role, with two facts below 8.
  @inline(__always)
  static func place(_ place: Place, of role: Role, _ first: Int = 0, _ second: Int = 0) -> Int {
    (role.rawValue * 6 + place.rawValue) * familySize + first * 8 + second
  }

  /// A context of another family.
  @inline(__always)
  static func other(_ family: Int, _ index: Int = 0) -> Int { family * familySize + index }

  /// The plane as which a family's bytes are counted in statistics.
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

  /// Classes of a size by its binary digits: 0 up to so many of them, then one more a digit.
  @inline(__always)
  static func sizeClass(_ size: Int, above digits: Int = 0, most: Int) -> Int {
    min(most, max(0, bitLength(size) - digits))
  }

  /// Seven classes of where an id was found: the first three places of two sources, and the tables.
  @inline(__always)
  static func foundClass(source: Int, place: Int) -> Int {
    source * 3 + (source < 2 ? min(2, place) : 0)
  }

  /// Eleven classes of a certainty from 0 to 80: four wide up to 39, then sixteen wide from 8 on.
  @inline(__always)
  static func certaintyClass(_ certainty: Int) -> Int {
    certainty < 40 ? certainty / 4 : min(10, 6 + certainty / 16)
  }

  /// Thirteen classes of how many sampled entries are expected: each alone below 8, then by digits.
  @inline(__always)
  static func expectationClass(_ count: Int) -> Int {
    count < 8 ? count : min(12, 4 + bitLength(count))
  }

  /// Sixty classes of a row, by which the next token is expected in it or outside.
  @inline(__always)
  static func rowClass(certainty: Int, heads: Int, tails: Int) -> Int {
    min(9, certainty / 8) * 6 + min(2, heads) * 2 + min(1, tails)
  }

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

  /// Five classes of the number of members of a set that are still to come.
  @inline(__always)
  static func remainingClass(_ count: Int) -> Int { count < 4 ? count : count < 8 ? 4 : 5 }
}
