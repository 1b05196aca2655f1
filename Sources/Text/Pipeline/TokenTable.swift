/// A map from byte strings to ids: open addressing over one flat buffer.
///
/// Keys are bytes because `String` compares by canonical equivalence. The hash is seeded at random
/// for each table, so that a vocabulary cannot be made to collide.
struct TokenTable: Sendable {
  private var slots: [Int32]
  private var ends: [Int] = [0]
  private var keys: [UInt8] = []
  private var values: [Int32] = []
  private let seed = UInt64.random(in: 0...UInt64.max)

  /// A table with room for `capacity` entries.
  init(capacity: Int) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    slots = [Int32](repeating: -1, count: size)
    ends.reserveCapacity(capacity + 1)
    values.reserveCapacity(capacity)
  }

  /// Adds an entry and returns nil, or returns the id that the key already has.
  mutating func insert(_ key: [UInt8], _ id: Int32) -> Int32? {
    precondition(2 * values.count < slots.count, "the table is full")
    let slot = slot(of: key.span)
    if slots[slot] >= 0 { return values[Int(slots[slot])] }
    slots[slot] = Int32(values.count)
    keys += key
    ends.append(keys.count)
    values.append(id)
    return nil
  }

  /// The id of a key, or nil.
  func id(of key: Span<UInt8>) -> Int32? {
    let entry = slots[slot(of: key)]
    return entry < 0 ? nil : values[Int(entry)]
  }

  /// The slot that holds the key, or the free one where it belongs.
  private func slot(of key: Span<UInt8>) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash(key)) & mask
    while slots[slot] >= 0, !matches(Int(slots[slot]), key) { slot = (slot + 1) & mask }
    return slot
  }

  private func matches(_ entry: Int, _ key: Span<UInt8>) -> Bool {
    let start = ends[entry]
    guard ends[entry + 1] - start == key.count else { return false }
    for index in 0..<key.count where keys[start + index] != key[index] { return false }
    return true
  }

  private func hash(_ key: Span<UInt8>) -> UInt64 {
    var (hash, word) = (seed ^ UInt64(key.count), UInt64(0))
    for index in 0..<key.count {
      word = word << 8 | UInt64(key[index])
      if index & 7 == 7 {
        hash = Self.mix(hash ^ word)
        word = 0
      }
    }
    return Self.mix(hash ^ word)
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low
  }
}
