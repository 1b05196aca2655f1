/// The row that a walk is at: the argmax, the entries with values of their own, the sampled ones.
struct FrameRow {
  /// An entry, and where it was found.
  struct Entry {
    var id: Int32
    /// The id's number in the frame's memory, or −1 where it is not known.
    var number: Int32 = -1
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
  var entries: [Entry]
  /// The number of entries with a level of their own, without the argmax.
  private(set) var headCount = 0
  /// The number of sampled entries after them.
  private(set) var tailCount = 0
  /// The next token's place in the row: argmax (0), head (1), tail (2) or none (3).
  var nextClass = 3

  /// A row without entries, with room for so many.
  init(mostEntries: Int) {
    entries = [Entry](repeating: Entry(id: 0), count: mostEntries)
  }

  /// Forgets the entries.
  mutating func clear() {
    headCount = 0
    tailCount = 0
  }

  /// Makes room for a count of entries with levels; the tail is then empty.
  mutating func setHead(_ count: Int) throws(FrameProblem) {
    guard count <= entries.count else { throw FrameProblem(reason: "a row has \(count) entries") }
    headCount = count
    tailCount = 0
  }

  /// Makes room for a count of sampled entries.
  mutating func setTail(_ count: Int) throws(FrameProblem) {
    guard count >= 0, headCount + count <= entries.count else {
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
}
