/// The row that a walk is at: the argmax, the entries with values of their own, the sampled ones.
struct FrameRow {
  /// An entry, and where it was found.
  struct Entry: BitwiseCopyable {
    var id: Int32
    var level: Int32 = 0
    /// 0 in the recalled row, 1 in the list, 2 in the tables.
    var source: Int32 = 0
    var kind: Int32 = 0
    var place: Int32 = 0

    /// The order of coding.
    var key: (Int32, Int32, Int32) { (source, kind, place) }
  }

  /// The argmax; level 0 on a linear grid means that it is no entry.
  var argmax = Entry(id: 0)
  /// Entries with a level of their own, from 0, then those of the tail.
  let entries: UnsafeMutablePointer<Entry>
  /// The number of entries with a level of their own, without the argmax.
  private(set) var headCount = 0
  /// The number of sampled entries after them.
  private(set) var tailCount = 0
  /// The next token's place in the row: argmax (0), head (1), tail (2) or none (3).
  var nextClass = 3
  private let capacity: Int
  /// The memory that `entries` and `packed` point into.
  private let owners: (Scratch<Entry>, Scratch<UInt64>)
  private let packed: UnsafeMutablePointer<UInt64>
  /// The ids of all draws, in the order of coding.
  private var ids: [Int32] = []

  /// A row without entries, with room for so many.
  init(mostEntries: Int) {
    capacity = mostEntries
    owners = (Scratch(count: mostEntries), Scratch(count: mostEntries + 1))
    entries = owners.0.base
    packed = owners.1.base
  }

  /// Forgets the entries of all draws.
  mutating func clear() {
    headCount = 0
    tailCount = 0
    ids.removeAll(keepingCapacity: true)
  }

  /// Makes room for a count of entries with levels; the tail is then empty.
  mutating func setHead(_ count: Int) throws(FrameProblem) {
    guard count <= capacity else { throw FrameProblem(reason: "a row has \(count) entries") }
    headCount = count
    tailCount = 0
  }

  /// Makes room for a count of sampled entries.
  mutating func setTail(_ count: Int) throws(FrameProblem) {
    guard count >= 0, headCount + count <= capacity else {
      throw FrameProblem(reason: "a row has \(count) sampled entries")
    }
    tailCount = count
  }

  /// Takes a row of the first draw apart; throws where a value is not on the codec's grid.
  mutating func load(
    _ record: Int, of targets: SparseTargets, _ codec: SparseCodec
  ) throws(FrameProblem) {
    clear()
    argmax = Entry(id: targets.argmax[record])
    try split(record, of: targets, codec)
  }

  /// Takes a row of another draw apart, which may differ from the first in the sampled entries.
  mutating func load(
    further record: Int, of targets: SparseTargets, _ codec: SparseCodec
  ) throws(FrameProblem) {
    let head = (0..<headCount).map { (entries[$0].id, entries[$0].level) }.sorted { $0 < $1 }
    let level = argmax.level
    guard targets.argmax[record] == argmax.id else { throw offGrid(record) }
    argmax.level = 0
    try split(record, of: targets, codec)
    guard codec.sampledValue != nil else { return }
    let same = (0..<headCount).map { (entries[$0].id, entries[$0].level) }
    guard argmax.level == level, head.count == same.count,
      zip(head, same).allSatisfy({ $0 == $1 })
    else {
      throw FrameProblem(reason: "the draws at position \(record) differ in what is certain")
    }
  }

  private mutating func split(
    _ record: Int, of targets: SparseTargets, _ codec: SparseCodec
  ) throws(FrameProblem) {
    let (vocabulary, range) = (codec.tables.vocabularySize, targets.entries(of: record))
    guard argmax.id >= 0, argmax.id < vocabulary, range.count <= codec.mostEntries + 1 else {
      throw offGrid(record)
    }
    var (head, tail, previous) = ([Entry](), [Entry](), Int32(-1))
    for index in range {
      let (id, value) = (targets.ids[index], targets.values[index])
      guard id > previous, id < vocabulary else { throw offGrid(record) }
      previous = id
      if value == codec.sampledValue, id != argmax.id {
        tail.append(Entry(id: id))
      } else if let level = codec.grid.exactLevel(value), codec.isEntry(level: level) {
        if id == argmax.id {
          argmax.level = Int32(level)
        } else {
          head.append(Entry(id: id, level: Int32(level)))
        }
      } else {
        throw offGrid(record)
      }
    }
    if codec.isTruncated, !range.contains(where: { targets.ids[$0] == argmax.id }) {
      throw offGrid(record)
    }
    try setHead(head.count)
    try setTail(tail.count)
    for (index, entry) in (head + tail).enumerated() { entries[index] = entry }
  }

  private func offGrid(_ record: Int) -> FrameProblem {
    FrameProblem(
      reason: "the targets at position \(record) are not those of a sampler of this cache")
  }

  /// Notes the ids that this draw's entries added, from the first of `range` on.
  mutating func note(_ range: Range<Int>) { for index in range { ids.append(entries[index].id) } }

  /// Notes the argmax.
  mutating func noteArgmax() { ids.append(argmax.id) }

  /// Calls a body with the ids of all draws so far.
  func withAllIDs(_ body: (UnsafeBufferPointer<Int32>) -> Void) {
    ids.withUnsafeBufferPointer(body)
  }

  /// Adds the row to targets, its entries in ascending id; throws where an id comes twice.
  func append(
    to targets: inout SparseTargets, _ codec: SparseCodec, next: Float, entropy: Float
  ) throws(FrameProblem) {
    var count = 0
    if codec.isEntry(level: Int(argmax.level)) {
      insert(argmax.id, codec.grid.value(Int(argmax.level)), &count)
    }
    for index in 0..<headCount {
      insert(entries[index].id, codec.grid.value(Int(entries[index].level)), &count)
    }
    if let sampled = codec.sampledValue {
      for index in headCount..<(headCount + tailCount) {
        insert(entries[index].id, sampled, &count)
      }
    }
    for index in 0..<max(0, count - 1) where packed[index] >> 32 == packed[index + 1] >> 32 {
      throw FrameProblem(reason: "a row holds an id twice")
    }
    targets.append(
      packed: UnsafeBufferPointer(start: packed, count: count), argmax: argmax.id,
      nextLogProbability: next, entropy: entropy)
  }

  /// Inserts an entry where it belongs; rows are short, or long and nearly sorted by then.
  @inline(__always)
  private func insert(_ id: Int32, _ value: Float, _ count: inout Int) {
    let entry = UInt64(UInt32(bitPattern: id)) << 32 | UInt64(value.bitPattern)
    var place = count
    while place > 0, packed[place - 1] > entry {
      packed[place] = packed[place - 1]
      place -= 1
    }
    packed[place] = entry
    count += 1
  }
}

/// A frame's memory of what it said so far: the ids, how often, and what followed each token last.
///
/// Text repeats itself, and so do a teacher's expectations: most ids of a row are already in the
/// list, and the likeliest are in the row where the current token last occurred.
struct FrameMemory {
  /// The number of ids in the list, the most frequent first (see `count(_:)` for ties).
  private(set) var listCount = 0
  /// The memory that the pointers below point into.
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
  /// The beginning of each row in `ids`.
  private(set) var offsets: [Int] = [0]

  /// The memory before the first row.
  init(vocabularySize: Int, records: Int) {
    owner = Scratch(count: 4 * vocabularySize)
    list = owner.base
    counts = list + vocabularySize
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

  /// The range in `ids` of the row that last had this current token; empty if none had.
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
  /// The first of the elements, which are not initialised.
  let base: UnsafeMutablePointer<Element>

  /// Memory for so many elements.
  init(count: Int) { base = .allocate(capacity: count) }

  deinit { base.deallocate() }
}
