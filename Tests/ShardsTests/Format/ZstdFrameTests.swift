import Testing

@testable import Shards

@Suite struct ZstdFrameTests {
  private let sections: [[UInt8]] = [[], (0..<200).map { UInt8($0) }, [7, 7, 7], []]

  @Test(arguments: [1, 3, 19])
  func sectionsComeBackAsOnePayload(level: Int) throws {
    let frame = try ZstdFrame.compress(sections, level: level)
    #expect(ZstdFrame.declaredSize(frame) == 203)
    #expect(try ZstdFrame.decompress(frame, size: 203) == sections.flatMap { $0 })
    #expect(try ZstdFrame.compress(sections, level: level) == frame)
    #expect(frame.prefix(4) == [0x28, 0xB5, 0x2F, 0xFD])
  }

  @Test func damageIsToldApart() throws {
    let frame = try ZstdFrame.compress(sections, level: 3)
    func reason(_ bytes: [UInt8], size: Int = 203) -> String? {
      #expect(throws: FrameProblem.self) { try ZstdFrame.decompress(bytes, size: size) }?.reason
    }
    let other = "its zstd header does not declare the 202 bytes of the index"
    #expect(reason(frame, size: 202) == other)
    #expect(reason(frame + [0]) == "it is not one whole zstd frame")
    #expect(reason(frame.dropLast()) == "it is not one whole zstd frame")
    var flipped = frame
    flipped[frame.count - 1] ^= 1
    #expect(reason(flipped)?.contains("checksum") == true)
  }

  @Test func foreignBytesDeclareNoSize() {
    #expect(ZstdFrame.declaredSize([]) == nil)
    #expect(ZstdFrame.declaredSize([1, 2, 3, 4, 5, 6, 7, 8, 9]) == nil)
  }
}
