@testable import Base
import Testing

@testable import Shards

@Suite struct SparseRowsTests {
  /// Short rows, rows of more than one group of ids, and rows too long to compare each with all.
  @Test(arguments: [0, 1, 7, 8, 9, 40, 64, 65, 300])
  func entriesAreSorted(count: Int) {
    var generator = SplitMix64(seed: UInt64(count))
    var rows = SparseRows(records: 1)
    var expected = SparseTargets()
    for row in 0..<3 {
      let ids = (0..<2 * count).map { Int32($0) }.shuffled(using: &generator).prefix(count)
      rows.begin(mostEntries: count)
      for id in ids { rows.add(id, Float(id) / 1024) }
      let isRow = rows.end(argmax: Int32(row), nextLogProbability: -1, entropy: 2)
      #expect(isRow)
      let sorted = ids.sorted()
      expected.append(
        ids: sorted, values: sorted.map { Float($0) / 1024 }, argmax: Int32(row),
        nextLogProbability: -1, entropy: 2)
    }
    #expect(rows.targets(isTruncated: false) == expected)
  }

  @Test(arguments: [2, 8, 20, 64, 65, 100])
  func anIDTwiceIsNoRow(count: Int) {
    var generator = SplitMix64(seed: 1)
    for _ in 0..<20 {
      var rows = SparseRows(records: 1)
      var ids = (0..<count).map { Int32($0) }.shuffled(using: &generator)
      ids[0] = ids[Int.random(in: 1..<count, using: &generator)]
      rows.begin(mostEntries: count)
      for id in ids { rows.add(id, 0.5) }
      let isRow = rows.end(argmax: 0, nextLogProbability: 0, entropy: 0)
      #expect(!isRow)
      #expect(rows.targets(isTruncated: false) == SparseTargets())
    }
  }
}
