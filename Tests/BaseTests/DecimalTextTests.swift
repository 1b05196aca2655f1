import Base
import TestSupport
import Testing

@Suite struct DecimalTextTests {
  @Test func numbersAreWrittenAsDescribed() {
    var generator = SplitMix64(seed: 7)
    let random = (0..<200).map { _ in
      Int.random(in: .min ... .max, using: &generator) >> Int.random(in: 0..<64, using: &generator)
    }
    for number in [0, 1, 9, 10, 99, 100, -1, -10, Int.max, Int.min] + random {
      var text = Array("x".utf8)
      text.append(decimal: number)
      #expect(String(decoding: text, as: UTF8.self) == "x\(number)")
    }
  }

  @Test func commasAreBetweenNumbers() {
    for numbers: [Int32] in [[], [5], [0, -1, .max, .min]] {
      let text = String(decoding: numbers.commaSeparated, as: UTF8.self)
      #expect(text == numbers.map(String.init).joined(separator: ","))
    }
  }
}
