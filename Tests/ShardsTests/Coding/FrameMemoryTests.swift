@testable import Base
import Testing

@testable import Shards

@Suite struct FrameMemoryTests {
  /// docs/format.md's list, word by word: appended with count 0, swapped with the first of the same
  /// count, then counted.
  private struct PlainList {
    private(set) var ids: [Int32] = []
    private var counts: [Int] = []

    mutating func count(_ id: Int32) {
      if !ids.contains(id) {
        ids.append(id)
        counts.append(0)
      }
      guard let place = ids.firstIndex(of: id), let first = counts.firstIndex(of: counts[place])
      else { return }
      ids.swapAt(place, first)
      counts[first] += 1
    }
  }

  @Test func theListIsThatOfTheFormat() {
    var (memory, list) = (FrameMemory(), PlainList())
    var generator = SplitMix64(seed: 6)
    for _ in 0..<3000 {
      // The product of two favours low ids, as text does.
      let id = Int32.random(in: 0..<40, using: &generator) * .random(in: 0..<40, using: &generator)
      memory.count(memory.number(of: id / 40))
      list.count(id / 40)
      #expect(memory.listCount == list.ids.count)
    }
    for (place, id) in list.ids.enumerated() {
      let number = memory.number(of: id)
      #expect(memory.place(of: number) == place)
    }
    for id in (0..<40).map({ Int32($0) }) where !list.ids.contains(id) {
      let number = memory.number(of: id)
      #expect(memory.place(of: number) == -1)
    }
  }

  @Test func theLastRowOfATokenIsRecalled() {
    var memory = FrameMemory()
    func keep(_ ids: [Int32], of token: Int32) {
      for id in ids { memory.note(memory.number(of: id)) }
      memory.keep(of: memory.number(of: token))
    }
    /// Where each id is in the row that is recalled for a token.
    func places(_ ids: [Int32], of token: Int32) -> [Int?] {
      let number = memory.number(of: token)
      let row = memory.recall(number)
      return ids.map {
        let number = memory.number(of: $0)
        return memory.place(of: number, recalled: row)
      }
    }
    keep([4, 9], of: 1)
    keep([7], of: 2)
    keep([9, 3, 5], of: 1)
    keep([], of: 2)
    #expect(places([9, 3, 5, 4, 7], of: 1) == [0, 1, 2, nil, nil])
    #expect(places([7, 4], of: 2) == [nil, nil] && places([9, 8], of: 3) == [nil, nil])
    let nine = memory.number(of: 9)
    #expect(memory.listCount == 5 && memory.place(of: nine) == 0)
  }

  @Test func everyIDHasANumberOfItsOwn() {
    var memory = FrameMemory()
    let ids = (0..<3000).map { Int32($0 % 2 == 0 ? $0 : $0 << 12) }
    for (number, id) in ids.enumerated() { #expect(memory.number(of: id) == Int32(number)) }
    for (number, id) in ids.enumerated() { #expect(memory.number(of: id) == Int32(number)) }
  }
}
