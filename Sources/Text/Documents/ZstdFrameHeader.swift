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
