/// A frame's memory of what it said so far: the ids, how often, and what followed each token last.
///
/// Text repeats itself, and so do a teacher's expectations: most ids of a row are already in the
/// list, and the likeliest are in the row where the current token last occurred. Ids are numbered
/// as they come, so that the memory is as large as the frame, not as the vocabulary.
struct FrameMemory {
  /// What is known of an id.
  private struct Fact {
    /// How often it was counted.
    var count = 0
    /// Its place in the list, if it was counted.
    var place = 0
    /// The places among the ids of all rows of the row that it last was the current token of.
    var recall = 0..<0
  }

  /// Each id's number.
  private var numbers: [Int32: Int32] = [:]
  /// What is known of each number.
  private var facts: [Fact] = []
  /// The numbers of the ids that were counted, the most frequent first (see `count(_:)` for ties).
  private var list: [Int32] = []
  /// Per count, the number of ids that were counted more often; those with the count follow them.
  private var firsts = [0]
  /// The numbers of the ids of all rows in the order in which they were coded.
  private var rows: [Int32] = []
  /// The end of the last row that was kept.
  private var kept = 0

  /// The number of ids in the list.
  var listCount: Int { list.count }

  /// The number of an id, its first one if it has none yet.
  mutating func number(of id: Int32) -> Int32 {
    if let number = numbers[id] { return number }
    let number = Int32(facts.count)
    numbers[id] = number
    facts.append(Fact())
    return number
  }

  /// The place in the list of the id of a number, or −1.
  func place(of number: Int32) -> Int {
    let fact = facts[Int(number)]
    return fact.count == 0 ? -1 : fact.place
  }

  /// The place of the id of a number among those of a row that is recalled, or nil.
  func place(of number: Int32, recalled row: Range<Int>) -> Int? {
    rows.withUnsafeBufferPointer { $0[row].firstIndex(of: number) }.map { $0 - row.lowerBound }
  }

  /// The places of the ids of the row that last had this current token; empty if none had.
  func recall(_ number: Int32) -> Range<Int> { facts[Int(number)].recall }

  /// Counts an id: it moves to the front of those that occurred as often, and ahead of them.
  mutating func count(_ number: Int32) {
    let count = facts[Int(number)].count
    if count == 0 {
      // All others were counted, so it is the first of those that were not.
      firsts[0] = list.count
      facts[Int(number)].place = list.count
      list.append(number)
    }
    let (place, first) = (facts[Int(number)].place, firsts[count])
    list.swapAt(place, first)
    facts[Int(list[place])].place = place
    facts[Int(number)].place = first
    facts[Int(number)].count = count + 1
    firsts[count] = first + 1
    if count + 1 == firsts.count { firsts.append(0) }
  }

  /// Notes an id of the row to come.
  mutating func note(_ number: Int32) { rows.append(number) }

  /// Keeps the row that was noted: its ids are counted, and recalled when its current token comes
  /// again.
  mutating func keep(of number: Int32) {
    for place in kept..<rows.count { count(rows[place]) }
    facts[Int(number)].recall = kept..<rows.count
    kept = rows.count
  }
}
