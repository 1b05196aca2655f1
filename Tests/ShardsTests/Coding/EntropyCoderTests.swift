@testable import Base
import Testing

@testable import Shards

@Suite struct EntropyCoderTests {
  /// Context 1 knows small numbers, context 2 all of some bits; context 3 has no table.
  private static func tables() -> SymbolTables {
    SymbolTables([
      SymbolTable(
        context: 1,
        counts: (0..<12).map { SymbolCount(symbol: UInt8($0), count: 1 << (12 - $0)) }),
      SymbolTable(
        context: 2, counts: (0..<60).map { SymbolCount(symbol: UInt8(4 * $0), count: 3) }),
    ])
  }

  private let numbers: [(value: Int, context: Int)] = {
    var generator = SplitMix64(seed: 4)
    return (0..<3000).map { place in
      let context = 1 + place % 3
      let width = context == 1 ? 4 : 17
      return (Int.random(in: 0..<1 << width, using: &generator), context)
    }
  }()

  private func written(
    _ numbers: [(value: Int, context: Int)]
  ) -> (words: [UInt16], bits: [UInt8]) {
    var writer = EntropyWriter(Self.tables())
    for number in numbers { writer.number(number.value, number.context) }
    return writer.finish()
  }

  @Test func whatIsWrittenIsRead() {
    let (words, bits) = written(numbers)
    var reader = PlainReader(Self.tables(), words: words, bits: bits)
    #expect(numbers.allSatisfy { reader.number($0.context) == $0.value } && reader.isAtItsEnd)
  }

  @Test func nothingWrittenIsTheStateAlone() {
    let (words, bits) = written([])
    #expect(words == [1, 0] && bits.isEmpty)
  }

  /// Frequent symbols take about what their shares say: −log2 of share / 4096 bits each.
  @Test func theLengthIsThatOfTheShares() {
    let frequent = [(value: Int, context: Int)](repeating: (0, 1), count: 8000)
    let (words, bits) = written(frequent)
    #expect(bits.isEmpty)
    let table = Self.tables().tables[0]
    let expected = 8000 * (12 - Double(FixedLogarithm.of(Int(table.frequencies[0]))) / 256)
    #expect(abs(Double(16 * words.count) - expected) < expected / 100 + 48)
    // Without a table every symbol is escaped: eight bits, and no state.
    let escaped = written([(value: Int, context: Int)](repeating: (5, 3), count: 100))
    #expect(escaped.words.count == 2 && escaped.bits == [UInt8](repeating: 5, count: 100))
  }

  @Test func theMeterCountsWhatTheWriterTakes() throws {
    var meter = CostMeter(Self.tables())
    for number in numbers { meter.number(number.value, number.context) }
    let (words, bits) = written(numbers)
    let taken = Double(16 * words.count + 8 * bits.count)
    #expect(abs(meter.bits.reduce(0, +) / taken - 1) < 0.01)
  }
}

@Suite struct SymbolTableTests {
  @Test func sharesAddUpAndLeaveTheEscapeSome() {
    var generator = SplitMix64(seed: 2)
    for size in [1, 2, 30, 255] {
      let counts = (0..<size).map {
        SymbolCount(symbol: UInt8($0), count: Int.random(in: 1...5000, using: &generator))
      }
      let (symbols, shares) = SymbolTable.shares(of: counts)
      #expect(symbols.count == size + 1 && symbols.last == 255)
      #expect(shares.reduce(0) { $0 + Int($1) } == 4096 && shares.allSatisfy { $0 >= 1 })
    }
  }

  @Test func theUnseenGrowsWithWhatWasSeenOnce() {
    func escape(_ count: Int) -> UInt16 {
      let counts = (0..<20).map { SymbolCount(symbol: UInt8($0), count: count) }
      return SymbolTable.shares(of: counts).frequencies[20]
    }
    // Twenty symbols seen once have 10 of 340 tenths each, and the escape, the largest, all else.
    #expect(escape(1) == 4096 - 20 * (4096 * 10 / 340))
    #expect(escape(10) == UInt16(4096 * 10 / 2010))
  }

  @Test func tablesThatAreNoneAreRefused() {
    func table(_ symbols: [UInt8], _ shares: [UInt16]) -> SymbolTable? {
      SymbolTable(context: 0, symbols: symbols, frequencies: shares)
    }
    #expect(table([3, 255], [4000, 96]) != nil)
    #expect(table([3, 255], [4000, 95]) == nil, "the shares do not add up")
    #expect(table([3, 254], [4000, 96]) == nil, "no escape")
    #expect(table([3, 3, 255], [2000, 2000, 96]) == nil, "a symbol twice")
    #expect(table([3, 4, 255], [4000, 0, 96]) == nil, "a share of nothing")
    #expect(table([3, 255], [4096]) == nil)
    #expect(table([], []) == nil)
  }
}
