import Base
import CZlib
import CZstd
import Foundation
import TestSupport
import Testing
import Text

@Suite struct CompressionTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  enum Format: String, CaseIterable, Sendable {
    case gzip = "gz"
    case zstd = "zst"

    func compress(_ bytes: [UInt8]) -> [UInt8] {
      self == .gzip ? CompressionTests.gzip(bytes) : CompressionTests.zstd(bytes)
    }
  }

  static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
      &stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var input = bytes
    return input.withUnsafeMutableBufferPointer { input in
      [UInt8](unsafeUninitializedCapacity: bytes.count + 1024) { output, count in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        deflate(&stream, Z_FINISH)
        count = output.count - Int(stream.avail_out)
      }
    }
  }

  static func zstd(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { output, count in
      count = ZSTD_compress(output.baseAddress, output.count, bytes, bytes.count, 3)
    }
  }

  private func read(_ path: String) throws -> [Document] {
    var reader = try DocumentReader(paths: [path])
    var documents: [Document] = []
    while let document = try reader.next() { documents.append(document) }
    return documents
  }

  /// Sizes about the pieces in which files are read and decompressed (2¹⁸ bytes).
  @Test(arguments: Format.allCases, [1, 262_143, 262_144, 262_145, 524_288])
  func anySizeIsReadBack(format: Format, size: Int) throws {
    var generator = SplitMix64(seed: UInt64(size))
    for isNoise in [false, true] {
      let text = (0..<size).map {
        UInt8(isNoise ? .random(in: 32...126, using: &generator) : 97 + $0 / 5000 % 26)
      }
      let path = try folder.write(format.compress(text), "t.txt.\(format.rawValue)")
      #expect(try read(path).map { Array($0.text.utf8) } == [text])
    }
  }

  @Test(arguments: Format.allCases) func membersAndFramesFollowOneAnother(format: Format) throws {
    let parts = ["{\"text\":\"a\"}\n{\"te", "", "xt\":\"b\"}\n", "{\"text\":\"c\"}"]
    let bytes = parts.flatMap { format.compress(Array($0.utf8)) }
    let path = try folder.write(bytes, "d.jsonl.\(format.rawValue)")
    #expect(try read(path).map(\.text) == ["a", "b", "c"])
    #expect(try read(path).last?.source == path + ":3")
  }

  @Test(arguments: Format.allCases) func everyTruncationIsNoticed(format: Format) throws {
    let text = Array((0..<40).map { "line \($0)\n" }.joined().utf8)
    let bytes = format.compress(text)
    for count in 1..<bytes.count {
      let path = try folder.write(bytes[..<count], "t.txt.\(format.rawValue)")
      #expect(throws: DocumentError.self) { try read(path) }
    }
    let two = try folder.write(bytes + bytes.dropLast(3), "two.txt.\(format.rawValue)")
    #expect { try read(two) } throws: { error in
      guard case .truncated(two, _)? = error as? DocumentError else { return false }
      return true
    }
  }

  @Test(
    "case raw-json-as-text: first bytes tell of compression, not names", arguments: Format.allCases)
  func firstBytesTellOfCompression(format: Format) throws {
    let path = try folder.write(Array("plain text, no archive".utf8), "t.\(format.rawValue)")
    #expect(try read(path).map(\.text) == ["plain text, no archive"])
    let unnamed = try folder.write(format.compress(Array("x".utf8)), "t.txt")
    #expect(try read(unnamed).map(\.text) == ["x"])
    let twice = try folder.write(format.compress(format.compress(Array("x".utf8))), "u.txt")
    #expect { try read(twice) } throws: { "\($0)".contains("compressed twice") }
  }

  @Test func zerosMayFollowAGzipMemberAndNothingElse() throws {
    let bytes = Self.gzip(Array("x".utf8))
    let padded = try folder.write(bytes + [UInt8](repeating: 0, count: 600), "p.gz")
    #expect(try read(padded).map(\.text) == ["x"])
    let trailing = try folder.write(bytes + [1, 2, 3, 4], "g.gz")
    #expect(
      throws: DocumentError.trailingBytes(path: trailing, format: "gzip", offset: bytes.count)
    ) { try read(trailing) }
  }

  @Test func aBombOfOneLineStopsAtTheLimit() throws {
    let bomb = [UInt8](repeating: 0x20, count: 1 << 22)
    let path = try folder.write(Self.zstd(bomb), "bomb.jsonl.zst")
    var reader = try DocumentReader(paths: [path], lineByteLimit: 1 << 16)
    #expect(throws: DocumentError.lineTooLong(path: path, line: 1, limit: 1 << 16)) {
      try reader.next()
    }
  }
}
