import Testing

@testable import Shards

@Suite struct FrameTextTests {
  private func text(_ fragments: [Int], mask: [Bool]? = nil) -> SequenceTokens {
    SequenceTokens(
      identity: 0, tokens: [Int32](repeating: 0, count: fragments.reduce(0, +)),
      fragments: fragments, lossMask: mask)
  }

  private func reason(_ bytes: [UInt8]) -> String? {
    var reader = ByteReader(bytes)
    return #expect(throws: FrameProblem.self) {
      _ = try FrameText(&reader, sequenceLength: 300)
    }?.reason
  }

  @Test func theStartIsThatOfTheFormat() {
    #expect(FrameText.encode(text([5])) == [2, 5])
    #expect(FrameText.encode(text([2, 130])) == [4, 2, 0x82, 1])
    let mask = [true, false, true, true, false, false, false, false, true]
    #expect(FrameText.encode(text([10], mask: mask)) == [3, 10, 0b0000_1101, 1])
  }

  @Test func whatIsWrittenIsRead() throws {
    for (fragments, mask) in [
      ([5], nil), ([2, 130, 3], nil), ([4, 2], [false, true, true, false]),
    ] as [([Int], [Bool]?)] {
      var reader = ByteReader(FrameText.encode(text(fragments, mask: mask)))
      let found = try FrameText(&reader, sequenceLength: 300)
      #expect(found.fragments == fragments && found.lossMask == mask)
      #expect(found.tokenCount == fragments.reduce(0, +) && reader.remaining == 0)
    }
  }

  @Test func lengthsThatLieAreRefused() {
    #expect(reason([0]) == "it has 0 fragments")
    #expect(reason([20, 2]) == "it has 10 fragments")
    #expect(reason([2, 1]) == "its fragments exceed 300 records")
    #expect(reason([2, 0xAE, 2]) == "its fragments exceed 300 records")
    #expect(reason([3, 9]) == "1 bytes expected where 0 are left")
    #expect(reason([0x80, 0x80, 0x80, 0x80, 0x80, 1]) == "a number is too long")
  }

  @Test func numbersOfVariableLengthComeBack() throws {
    let numbers = [0, 127, 128, 16_383, 16_384, (1 << 35) - 1]
    var writer = ByteWriter()
    for number in numbers { writer.append(varying: number) }
    #expect(writer.bytes.count == 1 + 1 + 2 + 2 + 3 + 5)
    var reader = ByteReader(writer.bytes)
    for number in numbers { #expect(try reader.varying() == number) }
  }
}
