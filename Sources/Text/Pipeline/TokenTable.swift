/// A map from byte strings to ids: open addressing, keys end to end in one buffer.
///
/// Keys are bytes because `String` compares by canonical equivalence. The hash is seeded at random
/// for each table, so that a vocabulary cannot be made to collide. A look-up of up to eight bytes
/// touches two places in memory: tables of words do not fit into the caches near the processor.
struct TokenTable: Sendable {
  /// A key, its first eight bytes as a number, and its id.
  private struct Entry: Sendable {
    var head: UInt64
    var start: Int
    var count: Int32
    var id: Int32
  }

  private static let free = UInt64.max
  /// The upper half of a key's hash, and the index of its entry; or `free`.
  private var slots: [UInt64]
  private var entries: [Entry] = []
  private var keys: [UInt8] = []
  private let seed = UInt64.random(in: 0...UInt64.max)

  /// A table with room for `capacity` entries.
  init(capacity: Int) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    slots = [UInt64](repeating: Self.free, count: size)
    entries.reserveCapacity(capacity)
  }

  /// Adds an entry and returns nil, or returns the id that the key already has.
  mutating func insert(_ key: [UInt8], _ id: Int32) -> Int32? {
    precondition(2 * entries.count < slots.count, "the table is full")
    let hash = hash(key.span.bytes)
    let slot = slot(of: key.span.bytes, hash)
    if slots[slot] != Self.free { return entries[Self.index(slots[slot])].id }
    slots[slot] = hash & ~0xFFFF_FFFF | UInt64(entries.count)
    entries.append(
      Entry(
        head: Self.word(key.span.bytes, 0), start: keys.count, count: Int32(key.count), id: id))
    keys += key
    return nil
  }

  /// The id of a key, or nil.
  func id(of key: Span<UInt8>) -> Int32? {
    let entry = slots[slot(of: key.bytes, hash(key.bytes))]
    return entry == Self.free ? nil : entries[Self.index(entry)].id
  }

  /// Appends the key that was the `number`th to be inserted.
  func append(key number: Int, to bytes: inout [UInt8]) {
    let entry = entries[number]
    bytes += keys[entry.start..<entry.start + Int(entry.count)]
  }

  private static func index(_ slot: UInt64) -> Int { Int(slot & 0xFFFF_FFFF) }

  /// The slot that holds the key, or the free one where it belongs.
  private func slot(of key: RawSpan, _ hash: UInt64) -> Int {
    let (mask, head) = (slots.count - 1, Self.word(key, 0))
    var slot = Int(truncatingIfNeeded: hash) & mask
    while case let found = slots[slot], found != Self.free {
      if (found ^ hash) >> 32 == 0, matches(entries[Self.index(found)], key, head) { break }
      slot = (slot + 1) & mask
    }
    return slot
  }

  private func matches(_ entry: Entry, _ key: RawSpan, _ head: UInt64) -> Bool {
    guard entry.head == head, Int(entry.count) == key.byteCount else { return false }
    guard key.byteCount > 8 else { return true }
    let known = keys.span.bytes.extracting(entry.start..<entry.start + key.byteCount)
    return stride(from: 8, to: key.byteCount, by: 8).allSatisfy {
      Self.word(known, $0) == Self.word(key, $0)
    }
  }

  private func hash(_ key: RawSpan) -> UInt64 {
    var hash = Self.mix(seed ^ UInt64(key.byteCount) ^ Self.word(key, 0))
    var offset = 8
    while offset < key.byteCount {
      hash = Self.mix(hash ^ Self.word(key, offset))
      offset += 8
    }
    return hash
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.high ^ product.low
  }

  /// The eight bytes from an offset on as a number; zeros stand for those beyond the end.
  @inline(__always) private static func word(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
    let rest = bytes.byteCount - offset
    if rest >= 8 { return bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self) }
    if rest >= 4 {
      // Two loads that overlap.
      let low = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
      let high = bytes.unsafeLoadUnaligned(fromByteOffset: offset + rest - 4, as: UInt32.self)
      return UInt64(low) | UInt64(high) << UInt64(8 * (rest - 4))
    }
    return (0..<max(rest, 0)).reduce(0) { word, index in
      let byte = bytes.unsafeLoad(fromByteOffset: offset + index, as: UInt8.self)
      return word | UInt64(byte) << UInt64(8 * index)
    }
  }
}
