/// A frame's memory of what it said so far: the ids, how often, and what followed each token last.
///
/// Text repeats itself, and so do a teacher's expectations: most ids of a row are already in the
/// list, and the likeliest are in the row where the current token last occurred. Ids are numbered
/// as they come, so that what is known of them lies close together, however large the vocabulary.
struct FrameMemory {
  /// What is known of an id.
  private struct Fact: BitwiseCopyable {
    /// How often it was counted.
    var count: Int32 = 0
    /// Its place in the list, if it was counted.
    var place: Int32 = 0
    /// Where the row begins that it last was the current token of, and the length of that row.
    var recallStart: Int32 = 0
    var recallCount: Int32 = 0
  }

  /// No more rows are made room for at once, whatever a frame says.
  static let mostExpected = 1 << 14

  /// The number of ids in the list, the most frequent first (see `count(_:)` for ties).
  var listCount: Int { list.count }
  private var facts: GrowingScratch<Fact>
  private var index: IDIndex
  /// The numbers of the ids that were counted.
  private var list: GrowingScratch<Int32>
  /// Per count, the number of ids that were counted more often; those with the count follow them.
  private var firsts: GrowingScratch<Int32>
  /// The numbers of the ids of all rows in the order in which they were coded.
  private var rows: GrowingScratch<Int32>
  /// The end of the last row that was kept.
  private var kept = 0

  /// The memory before the first of so many rows.
  init(records: Int) {
    let records = min(records, Self.mostExpected)
    facts = GrowingScratch(capacity: 4 * records)
    index = IDIndex(expecting: 4 * records)
    list = GrowingScratch(capacity: 4 * records)
    firsts = GrowingScratch(capacity: records)
    firsts.append(0)
    rows = GrowingScratch(capacity: 16 * records)
  }

  /// The number of an id, its first one if it has none yet.
  @inline(__always)
  mutating func number(of id: Int32) -> Int32 {
    let next = Int32(truncatingIfNeeded: facts.count)
    let number = index.number(of: id, next: next)
    if number == next { facts.append(Fact()) }
    return number
  }

  /// The place in the list of the id of a number, or −1.
  @inline(__always)
  func place(of number: Int32) -> Int {
    let fact = facts.base[Int(number)]
    return fact.count == 0 ? -1 : Int(fact.place)
  }

  /// The number of the id at a place among those of all rows.
  @inline(__always)
  func number(recalled place: Int) -> Int32 { rows.base[place] }

  /// The places of the ids of the row that last had this current token; empty if none had.
  @inline(__always)
  func recall(_ number: Int32) -> Range<Int> {
    let fact = facts.base[Int(number)]
    let start = Int(fact.recallStart)
    return Range(uncheckedBounds: (start, start + Int(fact.recallCount)))
  }

  /// Counts an id: it moves to the front of those that occurred as often, and ahead of them.
  @inline(__always)
  mutating func count(_ number: Int32) {
    let facts = facts.base
    let count = Int(facts[Int(number)].count)
    if count == 0 {
      // All others were counted, so it is the first of those that were not.
      firsts.base[0] = Int32(truncatingIfNeeded: list.count)
      facts[Int(number)].place = Int32(truncatingIfNeeded: list.count)
      list.append(number)
    }
    let place = facts[Int(number)].place
    let first = firsts.base[count]
    let other = list.base[Int(first)]
    list.base[Int(place)] = other
    facts[Int(other)].place = place
    list.base[Int(first)] = number
    facts[Int(number)].place = first
    facts[Int(number)].count = Int32(truncatingIfNeeded: count + 1)
    firsts.base[count] = first + 1
    if count + 1 == firsts.count { firsts.append(0) }
  }

  /// Notes an id of the row to come.
  @inline(__always)
  mutating func note(_ number: Int32) { rows.append(number) }

  /// Keeps the row that was noted: its ids are counted, and recalled when its current token comes
  /// again.
  mutating func keep(of number: Int32) {
    for place in kept..<rows.count { count(rows.base[place]) }
    facts.base[Int(number)].recallStart = Int32(kept)
    facts.base[Int(number)].recallCount = Int32(rows.count - kept)
    kept = rows.count
  }
}

/// Finds the numbers of ids: a table with open addressing, at most half full.
private struct IDIndex {
  private struct Slot: BitwiseCopyable {
    /// −1 where there is none.
    var id: Int32 = -1
    var number: Int32 = 0
  }

  private var owner: Scratch<Slot>
  private var slots: UnsafeMutablePointer<Slot>
  private var bits: UInt32
  private var count = 0

  /// An index with room for about so many ids.
  init(expecting ids: Int) {
    bits = UInt32(max(4, CodingContext.bitLength(ids)))
    owner = Self.empty(bits)
    slots = owner.base
  }

  private static func empty(_ bits: UInt32) -> Scratch<Slot> {
    let owner = Scratch<Slot>(count: 1 << Int(bits))
    owner.base.initialize(repeating: Slot(), count: 1 << Int(bits))
    return owner
  }

  /// The number of an id; the next one, from now on, if it has none.
  @inline(__always)
  mutating func number(of id: Int32, next: Int32) -> Int32 {
    let place = place(of: id)
    if slots[place].id == id { return slots[place].number }
    add(id, next, at: place)
    return next
  }

  /// The slot of an id, or the one where it belongs.
  @inline(__always)
  private func place(of id: Int32) -> Int {
    // Fibonacci hashing: neighbours come to lie far apart.
    var place = Int((UInt32(bitPattern: id) &* 0x9E37_79B1) &>> (32 - bits))
    while slots[place].id != id, slots[place].id >= 0 { place = (place + 1) & (1 << Int(bits) - 1) }
    return place
  }

  @inline(never)
  private mutating func add(_ id: Int32, _ number: Int32, at place: Int) {
    slots[place] = Slot(id: id, number: number)
    count += 1
    guard 2 * count > 1 << Int(bits) else { return }
    let (old, size) = (owner, 1 << Int(bits))
    bits += 1
    owner = Self.empty(bits)
    slots = owner.base
    for slot in UnsafeBufferPointer(start: old.base, count: size) where slot.id >= 0 {
      slots[self.place(of: slot.id)] = slot
    }
  }
}
