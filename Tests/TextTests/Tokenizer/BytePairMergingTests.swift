import Base
import TestSupport
import Testing

@testable import Text

@Suite struct BytePairMergingTests {
  /// Random merges over a small alphabet of ids.
  private func table(_ generator: inout SplitMix64) -> MergeTable {
    var table = MergeTable(capacity: 64)
    for rank in 0..<40 {
      let pair = (0..<2).map { _ in Int32.random(in: 0..<24, using: &generator) }
      table[pair[0], pair[1]] = .init(
        rank: Int32(rank), id: Int32.random(in: 4..<24, using: &generator))
    }
    return table
  }

  /// The definition, literally: the lowest rank, the leftmost, again and again.
  private func merged(_ symbols: [Int32], _ table: MergeTable) -> [Int32] {
    var symbols = symbols
    while true {
      let ranks = zip(symbols, symbols.dropFirst()).map { table[$0, $1].rank }
      guard let lowest = ranks.min(), lowest != .max, let index = ranks.firstIndex(of: lowest)
      else { return symbols }
      symbols[index] = table[symbols[index], symbols[index + 1]].id
      symbols.remove(at: index + 1)
    }
  }

  @Test func scanHeapAndDefinitionAgree() {
    var generator = SplitMix64(seed: 1)
    for _ in 0..<300 {
      let table = table(&generator)
      let count = Int.random(in: 1...90, using: &generator)
      let symbols = (0..<count).map { _ in Int32.random(in: 0..<4, using: &generator) }
      let expected = merged(symbols, table)
      var scan = MergeScratch()
      scan.symbols = symbols
      scan.mergeByScanning(table)
      #expect(scan.symbols == expected)
      var heap = MergeScratch()
      heap.symbols = symbols
      heap.mergeByHeap(table)
      #expect(heap.symbols == expected)
    }
  }

  @Test func tablesFindWhatWasPutIn() {
    var generator = SplitMix64(seed: 2)
    var table = TokenTable(capacity: 500)
    var known: [[UInt8]: Int32] = [:]
    for id in 0..<500 {
      let count = Int.random(in: 0...20, using: &generator)
      let key = (0..<count).map { _ in UInt8.random(in: 0...3, using: &generator) }
      #expect(table.insert(key, Int32(id)) == known[key])
      known[key] = known[key] ?? Int32(id)
    }
    for (key, id) in known { #expect(table.id(of: key.span) == id) }
    #expect(table.id(of: [9].span) == nil)
  }

  @Test func theAlphabetIsGPT2s() {
    #expect(ByteAlphabet.token(of: Array(" a\n\u{0}".utf8)) == "ĠaĊĀ")
    #expect(ByteAlphabet.bytes(of: "Ġé") == [0x20, 0xE9])
    #expect(ByteAlphabet.bytes(of: "日") == nil)
    #expect(Set(ByteAlphabet.characters).count == 256)
    #expect(ByteAlphabet.bytesByCharacter.prefix(3) == [33, 34, 35])
    for byte in UInt8.min...UInt8.max {
      #expect(ByteAlphabet.bytes(of: ByteAlphabet.token(of: [byte])) == [byte])
    }
  }
}
