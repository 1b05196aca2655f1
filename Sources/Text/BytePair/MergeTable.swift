/// A map from a pair of adjacent ids to the rank of their merge and the id it makes.
struct MergeTable: Sendable {
  /// The merge of a pair; the lowest rank is joined first.
  struct Merge: Equatable {
    var rank: Int32
    var id: Int32
    /// The answer for a pair that does not merge.
    static let none = Merge(rank: .max, id: -1)
  }

  private static let free = UInt64.max
  // At random, so that pairs cannot be made to collide.
  private let seed = UInt64.random(in: 0...UInt64.max)
  private var pairs: [UInt64]
  private var merges: [Merge]

  /// A table with room for `capacity` pairs.
  init(capacity: Int) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    pairs = [UInt64](repeating: Self.free, count: size)
    merges = [Merge](repeating: .none, count: size)
  }

  /// The merge of a pair, or `none`; setting replaces.
  subscript(left: Int32, right: Int32) -> Merge {
    get {
      let slot = slot(of: Self.key(left, right))
      return merges[slot]
    }
    set {
      let key = Self.key(left, right)
      let slot = slot(of: key)
      pairs[slot] = key
      merges[slot] = newValue
    }
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  private func slot(of key: UInt64) -> Int {
    let mask = pairs.count - 1
    let product = (key ^ seed).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    var slot = Int(truncatingIfNeeded: product.high ^ product.low) & mask
    while pairs[slot] != Self.free, pairs[slot] != key { slot = (slot + 1) & mask }
    return slot
  }
}
