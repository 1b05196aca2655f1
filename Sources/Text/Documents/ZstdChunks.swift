import CZstd
import Foundation

/// The decompressed bytes of a Zstandard file: any number of frames, skippable ones included.
final class ZstdChunks {
  private let file: FileChunks
  private let stream: OpaquePointer
  private var input: ArraySlice<UInt8> = []
  private var isInFrame = false
  /// The number of the file's bytes that are used up.
  private var position = 0

  /// Starts decompressing a file.
  init(_ file: FileChunks) throws {
    guard let stream = ZSTD_createDStream() else {
      throw DocumentError.corrupt(path: file.path, format: "zstd", reason: "out of memory")
    }
    self.file = file
    self.stream = stream
    // The library's own limit is 2²⁷ bytes; public dumps are made with 2³¹.
    ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, Int32(ZstdFrameHeader.windowLimitLog))
  }

  deinit { ZSTD_freeDStream(stream) }

  /// The next decompressed bytes, at least one, or nil at the end.
  func next() throws -> [UInt8]? {
    while true {
      if !isInFrame { try checkHeader() }
      let output = try decompress()
      if !output.isEmpty { return output }
      if !input.isEmpty { continue }
      guard let more = try file.next() else { break }
      input = more[...]
    }
    guard !isInFrame else { throw DocumentError.truncated(path: file.path, format: "zstd") }
    return nil
  }

  /// Refuses a frame that cannot be decoded for a reason that the library does not name.
  private func checkHeader() throws {
    while input.count < ZstdFrameHeader.mostBytes, let more = try file.next() { input += more }
    // A cut magic number is a truncated file, which the library notices.
    guard ZstdFrameHeader.mayBegin(input) else {
      throw DocumentError.trailingBytes(path: file.path, format: "zstd", offset: position)
    }
    guard let header = ZstdFrameHeader(input) else { return }
    guard header.dictionary == 0 else {
      throw DocumentError.needsDictionary(path: file.path, dictionary: header.dictionary)
    }
    guard header.window <= ZstdFrameHeader.windowLimit else {
      throw DocumentError.corrupt(
        path: file.path, format: "zstd", reason: "a window of more than 2 GiB, which nobody decodes"
      )
    }
    let available = AvailableMemory.bytes
    guard header.memory <= available else {
      throw DocumentError.windowTooLarge(
        path: file.path, window: header.memory, available: available)
    }
  }

  private func decompress() throws -> [UInt8] {
    // Without input and outside a frame the library would expect the next frame's header.
    guard isInFrame || !input.isEmpty else { return [] }
    var (consumed, status) = (0, 0)
    let output = [UInt8](unsafeUninitializedCapacity: FileChunks.size) { output, count in
      input.withUnsafeBufferPointer { input in
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        status = ZSTD_decompressStream(stream, &target, &source)
        (consumed, count) = (source.pos, target.pos)
      }
    }
    guard ZSTD_isError(status) == 0 else {
      throw DocumentError.corrupt(
        path: file.path, format: "zstd", reason: String(cString: ZSTD_getErrorName(status)))
    }
    input = input.dropFirst(consumed)
    position += consumed
    if consumed > 0 || !output.isEmpty { isInFrame = status != 0 }
    return output
  }
}

/// The header that a Zstandard frame has before its data (RFC 8878, section 3.1.1).
struct ZstdFrameHeader {
  /// The largest size of a header, in bytes.
  static let mostBytes = 18
  /// The largest window that the library decodes, 2³¹ bytes.
  static let windowLimitLog = 31
  /// The same in bytes.
  static let windowLimit = 1 << windowLimitLog

  /// The distance that its data refer back, in bytes: so much memory is needed.
  var window: Int
  /// The number of the dictionary that it was made with; 0 for none.
  var dictionary = 0

  /// The header at the start of some bytes; nil for a skippable frame, and for what is none.
  init?(_ bytes: some Collection<UInt8>) {
    let bytes = Array(bytes.prefix(Self.mostBytes))
    guard bytes.count > 5, bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) else { return nil }
    let (flags, second) = (bytes[4], Int(bytes[5]))
    let isSingle = flags & 0x20 != 0
    let dictionaryBytes = [0, 1, 2, 4][Int(flags & 3)]
    let sizeBytes = flags >> 6 == 0 ? (isSingle ? 1 : 0) : 1 << Int(flags >> 6)
    let start = isSingle ? 5 : 6
    dictionary = Self.number(bytes, start, dictionaryBytes)
    let size = Self.number(bytes, start + dictionaryBytes, sizeBytes) + (sizeBytes == 2 ? 256 : 0)
    if isSingle {
      window = size
    } else {
      let base = 1 << (10 + second >> 3)
      window = base + base / 8 * (second & 7)
      // The library takes no more memory than the content needs.
      if sizeBytes > 0 { needed = size }
    }
  }

  /// The content's size where it is known and below the window.
  private var needed = Int.max

  /// The memory that decoding takes for the window, in bytes.
  var memory: Int { min(window, needed) }

  /// Whether a frame, or one to skip, begins with these bytes, of which fewer than four may be.
  static func mayBegin(_ bytes: some Collection<UInt8>) -> Bool {
    let bytes = Array(bytes.prefix(4))
    guard let first = bytes.first else { return true }
    let magic: [UInt8] =
      first & 0xF0 == 0x50 ? [first, 0x2A, 0x4D, 0x18] : [0x28, 0xB5, 0x2F, 0xFD]
    return magic.starts(with: bytes)
  }

  private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int {
    let digits = bytes.dropFirst(start).prefix(count)
    let value = digits.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(clamping: value)
  }
}

/// The memory that the machine can give without swapping.
enum AvailableMemory {
  /// The bytes that `/proc/meminfo` names or the control group leaves, the lesser of the two;
  /// unlimited where neither tells.
  static var bytes: Int {
    min(fromMachine ?? .max, fromControlGroup ?? .max)
  }

  private static var fromMachine: Int? {
    number("MemAvailable:", in: "/proc/meminfo").map { $0 << 10 }
  }

  private static var fromControlGroup: Int? {
    let text = String(decoding: contents("/sys/fs/cgroup/memory.max"), as: UTF8.self)
    // Cached files give way, anonymous memory does not.
    guard let limit = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)),
      let used = number("anon", in: "/sys/fs/cgroup/memory.stat")
    else { return nil }
    return max(0, limit - used)
  }

  /// The number after a word at the start of a line.
  private static func number(_ word: String, in path: String) -> Int? {
    let text = String(decoding: contents(path), as: UTF8.self)
    let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
    return lines.first { $0.first == word[...] }?.dropFirst().first.flatMap { Int($0) }
  }

  private static func contents(_ path: String) -> Data {
    FileManager.default.contents(atPath: path) ?? Data()
  }
}
