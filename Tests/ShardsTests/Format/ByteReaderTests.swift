import Testing

@testable import Shards

@Suite struct ByteReaderTests {
  @Test func numbersAreLittleEndian() throws {
    var writer = ByteWriter()
    writer.append(UInt32(0x0102_0304))
    writer.append(UInt16(0xFFFE))
    writer.append(UInt64.max - 1)
    writer.appendMemory([Float(1), -2])
    #expect(writer.bytes.prefix(6) == [4, 3, 2, 1, 0xFE, 0xFF])
    #expect(writer.bytes.count == 22 && writer.bytes.suffix(4) == [0, 0, 0, 0xC0])
    var reader = ByteReader(writer.bytes)
    #expect(try reader.integer(UInt32.self) == 0x0102_0304)
    #expect(try reader.integer(UInt16.self) == 0xFFFE)
    #expect(try reader.integer(UInt64.self) == .max - 1)
    #expect(try reader.memory(Float.self, count: 2) == [1, -2])
    #expect(reader.remaining == 0)
  }

  @Test func nothingIsReadPastTheEnd() throws {
    var reader = ByteReader([1, 2, 3], from: 1)
    let short = #expect(throws: FrameProblem.self) { try reader.integer(UInt32.self) }
    #expect(short?.reason == "4 bytes expected where 2 are left")
    #expect(throws: FrameProblem.self) { try reader.take(-1) }
    let wide = #expect(throws: FrameProblem.self) { try reader.memory(Int64.self, count: .max) }
    #expect(wide?.reason == "a length overflows")
    // A refusal takes nothing.
    #expect(try Array(reader.take(2)) == [2, 3])
  }
}
