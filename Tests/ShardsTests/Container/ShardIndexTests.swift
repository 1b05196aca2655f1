import Testing

@testable import Shards

@Suite struct ShardIndexTests {
  private let limits = ShardIndex.Limits(payloadSize: 1000, recordCount: 64)

  private func index(_ sizes: [Int], records: Int = 5, payload: Int = 900) -> ShardIndex {
    var (index, offset) = (ShardIndex(capture: 0xABCD, firstSequence: 6), 0)
    for (number, size) in sizes.enumerated() {
      let frame = EncodedFrame(
        identity: UInt64(number + 1) << 40, recordCount: records, payloadSize: payload,
        bytes: [UInt8](repeating: UInt8(number), count: size))
      index.entries.append(ShardIndex.Entry(frame, offset: offset))
      offset += size
    }
    return index
  }

  private func reason(_ bytes: [UInt8], fileSize: Int) -> String? {
    #expect(throws: FrameProblem.self) {
      _ = try ShardIndex(bytes, fileSize: fileSize, limits: limits)
    }?.reason
  }

  @Test(arguments: [[], [12], [30, 1, 7]])
  func whatIsWrittenIsRead(sizes: [Int]) throws {
    let index = index(sizes)
    let bytes = index.encoded
    let fileSize = sizes.reduce(bytes.count, +)
    #expect(
      bytes.count == 36 * sizes.count + 56 && bytes.count == ShardIndex.size(count: sizes.count))
    #expect(bytes.prefix(4) == [0x5C, 0x2A, 0x4D, 0x18])
    #expect(String(decoding: bytes.suffix(8), as: UTF8.self) == "KDSHARD1")
    let footer = Array(bytes.suffix(ShardIndex.footerSize))
    #expect(try ShardIndex.size(footer: footer, fileSize: fileSize) == bytes.count)
    #expect(try ShardIndex(bytes, fileSize: fileSize, limits: limits) == index)
  }

  @Test func footersThatAreNoneAreRefused() {
    let bytes = index([12]).encoded
    func reason(_ footer: [UInt8], fileSize: Int = 104) -> String? {
      #expect(throws: FrameProblem.self) {
        try ShardIndex.size(footer: footer, fileSize: fileSize)
      }?.reason
    }
    var footer = Array(bytes.suffix(48))
    #expect(reason(footer, fileSize: 91) == "its index of 1 frames does not fit into the file")
    footer[20] = 2
    #expect(reason(footer) == "its index has version 2, this reader knows 1")
    footer[47] = 0
    #expect(reason(footer) == "it does not end as a shard does (truncated or foreign)")
  }

  @Test func everyByteIsUnderTheHash() {
    let bytes = index([12, 9]).encoded
    for place in 0..<(bytes.count - 8) {
      var flipped = bytes
      flipped[place] ^= 0x40
      #expect(
        reason(flipped, fileSize: 21 + bytes.count)
          == "its index does not have the hash that it states")
    }
  }

  @Test func framesTileTheFile() {
    let bytes = index([12, 9]).encoded
    #expect(
      reason(bytes, fileSize: 22 + bytes.count)
        == "its frames take 21 bytes, not what precedes the index")
  }

  @Test func framesBeyondTheLimitsAreRefused() {
    for index in [index([5], records: 65), index([5], records: 0), index([5], payload: 1001)] {
      #expect(
        reason(index.encoded, fileSize: 5 + index.encoded.count)
          == "frame 0 is larger than this cache allows")
    }
  }

  @Test func framesAreThoseOfTheirPlace() throws {
    let tokens: [Int32] = [1, 2, 3, 4]
    func text(ordinal: Int, tokens: [Int32]) -> SequenceTokens {
      SequenceTokens(
        identity: SequenceTokens.identity(ordinal: ordinal, tokens: tokens, fragments: [4]),
        tokens: tokens, fragments: [4])
    }
    var index = index([5, 5], records: 3)
    index.entries[1].identity = text(ordinal: 7, tokens: tokens).identity
    #expect(throws: Never.self) { try index.check(text(ordinal: 7, tokens: tokens), frame: 1) }
    let other = #expect(throws: FrameProblem.self) {
      try index.check(text(ordinal: 7, tokens: [1, 2, 3, 5]), frame: 1)
    }
    #expect(other?.reason == "the index describes another sequence")
    index.entries[0].identity = text(ordinal: 7, tokens: tokens).identity
    let moved = #expect(throws: FrameProblem.self) {
      try index.check(text(ordinal: 7, tokens: tokens), frame: 0)
    }
    #expect(moved?.reason == "its identity is not that of its tokens as sequence 6 of its part")
  }
}
