/// What a frame has said so far: which ids, how often, and what followed each token last time.
///
/// Text repeats itself, and so do a teacher's expectations: most ids of a row are already in the
/// list, and the likeliest are in the row where the current token last occurred.
struct FrameMemory {
  /// The ids of the list, those that occurred most often first (see `count(_:)` for ties).
  private(set) var listCount = 0
  /// What the pointers below point into.
  private let owner: Scratch<Int32>
  private let list: UnsafeMutablePointer<Int32>
  private let counts: UnsafeMutablePointer<Int32>
  /// Per id, its place in the list, or −1.
  private let places: UnsafeMutablePointer<Int32>
  /// Per token, one more than the row that it last was the current token of, or 0.
  private let lastRows: UnsafeMutablePointer<Int32>
  /// Per count, the first place that has it; only valid where some place does.
  private var firsts: [Int32]
  /// The ids of all rows in the order in which they were coded.
  private(set) var ids: [Int32] = []
  /// Where each row begins in `ids`.
  private(set) var offsets: [Int] = [0]

  /// The memory before the first row.
  init(vocabularySize: Int, records: Int) {
    owner = Scratch(count: 4 * vocabularySize)
    (list, counts) = (owner.base, owner.base + vocabularySize)
    places = counts + vocabularySize
    places.initialize(repeating: -1, count: vocabularySize)
    lastRows = places + vocabularySize
    lastRows.initialize(repeating: 0, count: vocabularySize)
    firsts = [0, 0]
    ids.reserveCapacity(12 * records)
    offsets.reserveCapacity(records + 1)
  }

  /// The id at a place of the list, which must be below `listCount`.
  @inline(__always)
  func id(atPlace place: Int) -> Int32 { list[place] }

  /// The place of an id in the list, or −1.
  @inline(__always)
  func place(of id: Int32) -> Int { Int(places[Int(id)]) }

  /// Where in `ids` the row lies that last had this current token; empty if none had.
  @inline(__always)
  func recall(_ token: Int32) -> Range<Int> {
    let row = Int(lastRows[Int(token)])
    return row == 0 ? 0..<0 : offsets[row - 1]..<offsets[row]
  }

  /// Counts an id: it moves to the front of those that occurred as often, and ahead of them.
  mutating func count(_ id: Int32) {
    var place = Int(places[Int(id)])
    if place < 0 {
      place = listCount
      listCount += 1
      (list[place], counts[place], places[Int(id)]) = (id, 0, Int32(place))
      firsts[0] = Int32(place)
    }
    let count = Int(counts[place])
    let first = Int(firsts[count])
    let other = list[first]
    (list[place], places[Int(other)]) = (other, Int32(place))
    (list[first], places[Int(id)]) = (id, Int32(first))
    // The other one has the same count, so only the mover's changes.
    counts[first] = Int32(count + 1)
    firsts[count] = Int32(first + 1)
    if count + 1 == firsts.count { firsts.append(0) }
    if first == 0 || Int(counts[first - 1]) != count + 1 { firsts[count + 1] = Int32(first) }
  }

  /// Keeps a row: its ids are counted, and recalled when its current token comes again.
  mutating func append(row: UnsafeBufferPointer<Int32>, of token: Int32) {
    for id in row { count(id) }
    ids.append(contentsOf: row)
    offsets.append(ids.count)
    lastRows[Int(token)] = Int32(offsets.count - 1)
  }
}

/// Memory for the length of a frame, freed with its owner.
final class Scratch<Element: BitwiseCopyable> {
  let base: UnsafeMutablePointer<Element>

  init(count: Int) { base = .allocate(capacity: count) }

  deinit { base.deallocate() }
}
