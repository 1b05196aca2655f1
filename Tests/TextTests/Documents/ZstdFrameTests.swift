import Testing

@testable import Text

@Suite struct ZstdFrameTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A frame of one uncompressed block.
  private func frame(
    _ text: String, header: [UInt8]
  ) -> [UInt8] {
    let size = text.utf8.count << 3 | 1
    let block = (0..<3).map { UInt8(size >> (8 * $0) & 0xFF) }
    return [0x28, 0xB5, 0x2F, 0xFD] + header + block + text.utf8
  }

  /// The window of a descriptor byte: 168 is 2³¹ bytes.
  private func read(_ bytes: [UInt8]) throws -> [String] {
    let path = try folder.write(bytes, "d.jsonl.zst")
    var reader = try DocumentReader(paths: [path])
    var texts: [String] = []
    while let document = try reader.next() { texts.append(document.text) }
    return texts
  }

  private let line = #"{"text":"far back"}"#

  @Test("case zstd-long-window: a window of 2 GiB is decoded, the content's size known")
  func aLongWindowOfKnownSize() throws {
    let size = (0..<4).map { UInt8(line.utf8.count >> (8 * $0) & 0xFF) }
    #expect(try read(frame(line, header: [0x80, 168] + size)) == ["far back"])
  }

  @Test("case zstd-long-window: without the size, where 2 GiB are free, else the reason is told")
  func aLongWindow() throws {
    let bytes = frame(line, header: [0, 168])
    if AvailableMemory.bytes >= 2 << 30 {
      #expect(try read(bytes) == ["far back"])
    } else {
      #expect { try read(bytes) } throws: {
        "\($0)".contains("window is 2.0 GiB") && "\($0)".contains("zstd -d --long=31")
      }
    }
  }

  @Test("case zstd-long-window: more memory than there is, is refused with both figures")
  func aWindowBeyondTheMemory() {
    let error = DocumentError.windowTooLarge(path: "d.zst", window: 2 << 30, available: 1 << 30)
    #expect(
      "\(error)" == "d.zst: its zstd window is 2.0 GiB, of which 1.0 GiB of memory are free; "
        + "free more, or run zstd -d --long=31 where there is more")
  }

  @Test func aHeaderTellsItsWindowAndDictionary() throws {
    let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
    #expect(try #require(ZstdFrameHeader(magic + [0, 168, 1, 2])).window == 1 << 31)
    #expect(try #require(ZstdFrameHeader(magic + [0, 3, 1, 2])).window == 1024 + 3 * 128)
    let known = try #require(ZstdFrameHeader(magic + [0x40, 168, 10, 0, 1]))
    #expect(known.window == 1 << 31 && known.memory == 266)
    #expect(try #require(ZstdFrameHeader(magic + [0x20, 77, 1])).window == 77)
    #expect(try #require(ZstdFrameHeader(magic + [0x03, 168, 1, 2, 0, 0])).dictionary == 513)
    #expect(ZstdFrameHeader([0x50, 0x2A, 0x4D, 0x18, 1, 0, 0, 0]) == nil)
  }

  @Test func whatTheLibraryWouldCallCorruptIsNamed() throws {
    #expect { try read(frame(line, header: [0x03, 40, 1, 2, 0, 0])) } throws: {
      "\($0)".contains("dictionary 513")
    }
    #expect { try read(frame(line, header: [0, 248])) } throws: { "\($0)".contains("2 GiB") }
    let skipped: [UInt8] = [0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
    let whole = frame(line, header: [0, 40])
    #expect(try read(skipped + whole + skipped + whole) == ["far back", "far back"])
    #expect { try read(whole + Array("junk".utf8)) } throws: {
      "\($0)".contains("at byte \(whole.count) is none")
    }
  }
}
