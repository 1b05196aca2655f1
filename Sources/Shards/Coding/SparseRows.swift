/// The rows of a draw under construction, whose entries come in any order.
struct SparseRows {
  /// Up to this many entries are compared each with all others, which needs no branches.
  private static let mostCompared = 64
  /// The ids that are compared at a time.
  private static let lanes = 8

  private var offsets: GrowingScratch<Int32>
  private var ids: GrowingScratch<Int32>
  private var values: GrowingScratch<Float>
  private var argmax: GrowingScratch<Int32>
  private var nextLogProbability: GrowingScratch<Float>
  private var entropy: GrowingScratch<Float>
  /// The entries of the row to come.
  private var rowIDs: GrowingScratch<Int32>
  private var rowValues: GrowingScratch<Float>
  private var count = 0

  /// No rows yet, of so many.
  init(records: Int) {
    let records = min(records, FrameMemory.mostExpected)
    offsets = GrowingScratch(capacity: records + 1)
    offsets.append(0)
    ids = GrowingScratch(capacity: 16 * records)
    values = GrowingScratch(capacity: 16 * records)
    argmax = GrowingScratch(capacity: records)
    nextLogProbability = GrowingScratch(capacity: records)
    entropy = GrowingScratch(capacity: records)
    rowIDs = GrowingScratch(capacity: Self.mostCompared)
    rowValues = GrowingScratch(capacity: Self.mostCompared)
  }

  /// Begins a row of at most so many entries.
  @inline(__always)
  mutating func begin(mostEntries: Int) {
    rowIDs.reserve(mostEntries + Self.lanes)
    rowValues.reserve(mostEntries)
    ids.reserve(mostEntries)
    values.reserve(mostEntries)
    count = 0
  }

  /// Adds an entry to the row.
  @inline(__always)
  mutating func add(_ id: Int32, _ value: Float) {
    rowIDs.base[count] = id
    rowValues.base[count] = value
    count += 1
  }

  /// Ends the row; false, and no row, if an id came twice.
  @inline(__always)
  mutating func end(argmax: Int32, nextLogProbability: Float, entropy: Float) -> Bool {
    guard count <= Self.mostCompared ? compare() : sort() else { return false }
    ids.extend(by: count)
    values.extend(by: count)
    offsets.append(Int32(ids.count))
    self.argmax.append(argmax)
    self.nextLogProbability.append(nextLogProbability)
    self.entropy.append(entropy)
    return true
  }

  /// Puts the entries where they belong, the place of each being the number of smaller ids; false
  /// if an id came twice.
  @inline(__always)
  private func compare() -> Bool {
    let (row, ids, values) = (
      rowIDs.base, self.ids.base + self.ids.count, self.values.base + self.values.count
    )
    for index in count..<(count + Self.lanes) { row[index] = .max }
    var sum = 0
    for start in stride(from: 0, to: count, by: Self.lanes) {
      let some = UnsafeRawPointer(row + start).loadUnaligned(as: SIMD8<UInt32>.self)
      var places = SIMD8<UInt32>.zero
      for index in 0..<count {
        // The sign of the difference: ids are far below 2^31. Comparisons are no vectors in Swift.
        let other = SIMD8(repeating: UInt32(truncatingIfNeeded: row[index]))
        places &+= (other &- some) &>> SIMD8(repeating: 31)
      }
      for lane in 0..<min(Self.lanes, count - start) {
        let place = Int(places[lane])
        ids[place] = row[start + lane]
        values[place] = rowValues.base[start + lane]
        sum += place
      }
    }
    // Two that are equal have the same place, which makes the sum smaller.
    return sum == count * (count - 1) / 2
  }

  /// The same for long rows, which are nearly sorted.
  private func sort() -> Bool {
    let (ids, values) = (self.ids.base + self.ids.count, self.values.base + self.values.count)
    for index in 0..<count {
      let (id, value) = (rowIDs.base[index], rowValues.base[index])
      var place = index
      while place > 0, ids[place - 1] >= id {
        if ids[place - 1] == id { return false }
        (ids[place], values[place]) = (ids[place - 1], values[place - 1])
        place -= 1
      }
      (ids[place], values[place]) = (id, value)
    }
    return true
  }

  /// The rows.
  func targets(isTruncated: Bool) -> SparseTargets {
    SparseTargets(
      isTruncated: isTruncated, offsets: offsets.array, ids: ids.array, values: values.array,
      argmax: argmax.array, nextLogProbability: nextLogProbability.array, entropy: entropy.array)
  }
}
