@testable import Base
import Testing

@testable import Shards

@Suite struct SymbolCodeTests {
  @Test func integersComeBackFromSymbolAndBits() {
    for value in Array(0...5000) + [65_535, 65_536, 1 << 20, (1 << 31) - 1] {
      let (symbol, extra) = SymbolCode.symbol(value)
      #expect(symbol < SymbolCode.escape && extra == SymbolCode.extraBits(symbol))
      #expect(SymbolCode.value(symbol, value & (1 << extra - 1)) == value)
    }
  }

  @Test func symbolsAreThoseOfTheFormat() {
    // docs/format.md: k = ⌊s / 8⌋ − 1 and the number is ((s mod 8) + 8) · 2^k plus k bits.
    #expect(SymbolCode.symbol(15) == (15, 0))
    #expect(SymbolCode.symbol(16) == (16, 1) && SymbolCode.symbol(17) == (16, 1))
    #expect(SymbolCode.symbol(18) == (17, 1))
    #expect(SymbolCode.symbol(31) == (23, 1) && SymbolCode.symbol(32) == (24, 2))
    #expect(SymbolCode.symbol(1000) == (8 * 6 + 15, 6))
  }

  @Test func signsAreFoldedIn() {
    #expect([0, -1, 1, -2, 2, -3].map(SymbolCode.zigzag) == [0, 1, 2, 3, 4, 5])
  }

  @Test func bitsAreTheLowestFirst() {
    var writer = BitWriter()
    writer.append(0b1, count: 1)
    writer.append(0b0110, count: 4)
    writer.append(0x1FF, count: 9)
    #expect(writer.finish() == [0b1110_1101, 0b0011_1111])
    var reader = BitReader([0b1110_1101, 0b0011_1111])
    #expect([reader.take(1), reader.take(4), reader.take(9)] == [1, 0b0110, 0x1FF])
    #expect(reader.take(2) == 0 && reader.take(32) == 0)
  }

  @Test func wideBitsComeBack() {
    var (writer, generator) = (BitWriter(), SplitMix64(seed: 1))
    let numbers = (0..<400).map { _ in
      let count = Int.random(in: 1...30, using: &generator)
      return (value: UInt32.random(in: 0..<1 << UInt32(count), using: &generator), count: count)
    }
    for number in numbers { writer.append(number.value, count: number.count) }
    let bytes = writer.finish()
    #expect(bytes.count == (numbers.reduce(0) { $0 + $1.count } + 7) / 8)
    var reader = BitReader(bytes[...])
    #expect(numbers.allSatisfy { reader.take($0.count) == $0.value })
  }
}
