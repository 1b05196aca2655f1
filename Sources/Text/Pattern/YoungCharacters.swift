import CPCRE2

/// Characters that versions of libpcre2 treat differently, and those that they are matched as.
///
/// libpcre2 brings its own tables: 10.42 knows Unicode 14. Whatever changed afterwards, or has no
/// meaning yet, is matched as an older character with the same properties by `unicodeVersion` and
/// as many bytes in UTF-8, so that splits depend on this table alone.
package struct YoungCharacters: Sendable {
  /// Neighbouring code points with one twin.
  private struct Entry: Sendable {
    var points: ClosedRange<UInt32>
    var twin: Unicode.Scalar
  }

  /// All of them.
  static let all = YoungCharacters(parse(table))

  private let entries: [Entry]
  /// By code point / 256: whether any of these has a twin.
  private let pages: [Bool]

  private init(_ entries: [Entry]) {
    self.entries = entries
    var pages = [Bool](repeating: false, count: 0x1100)
    for entry in entries {
      for page in (entry.points.lowerBound >> 8)...(entry.points.upperBound >> 8) {
        pages[Int(page)] = true
      }
    }
    self.pages = pages
  }

  private static func parse(_ table: String) -> [Entry] {
    table.split(separator: " ").compactMap { entry in
      let numbers = entry.split { $0 == "-" || $0 == ":" }.compactMap { UInt32($0, radix: 16) }
      guard let first = numbers.first, let last = numbers.dropLast().last,
        let twin = numbers.last.flatMap(Unicode.Scalar.init)
      else { return nil }
      return Entry(points: first...last, twin: twin)
    }
  }

  /// The version of Unicode that this machine's libpcre2 knows.
  package static var libraryVersion: String {
    var text = [UInt8](repeating: 0, count: 64)
    pcre2_config_8(UInt32(PCRE2_CONFIG_UNICODE_VERSION), &text)
    return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The characters that a pattern does not spell out, where it means code points and not
  /// properties.
  func excluding(_ spelled: [ClosedRange<UInt32>]) -> YoungCharacters {
    guard !spelled.isEmpty else { return self }
    return YoungCharacters(
      entries.flatMap { entry -> [Entry] in
        if spelled.contains(where: { $0.contains(entry.twin.value) }) { return [] }
        return spelled.reduce([entry.points]) { parts, range in
          parts.flatMap { $0.subtracting(range) }
        }.map { Entry(points: $0, twin: entry.twin) }
      })
  }

  /// The character as which one is matched.
  func twin(of scalar: Unicode.Scalar) -> Unicode.Scalar {
    guard pages[Int(scalar.value >> 8)] else { return scalar }
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].points.upperBound < scalar.value {
        low = middle + 1
      } else {
        high = middle
      }
    }
    guard low < entries.count, entries[low].points.contains(scalar.value) else { return scalar }
    return entries[low].twin
  }

  /// The UTF-8 text with twins in the place of these characters; nil where it has none.
  func replaced(in text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    pages.withUnsafeBufferPointer { pages in
      var (copy, index) = ([UInt8]?.none, 0)
      while index < text.count {
        // Most text is ASCII.
        if index + 8 <= text.count, Self.word(text, index) & 0x8080_8080_8080_8080 == 0 {
          index += 8
          continue
        }
        let byte = text[index]
        let width = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        defer { index += width }
        guard width > 1, index + width <= text.count, pages[Self.page(text, index, width)] else {
          continue
        }
        let scalar = Self.scalar(text, index, width)
        let twin = twin(of: scalar)
        guard twin != scalar else { continue }
        if copy == nil { copy = Array(text) }
        copy?.replaceSubrange(index..<(index + width), with: UTF8.encode(twin) ?? .init())
      }
      return copy
    }
  }

  private static func word(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> UInt64 {
    UnsafeRawBufferPointer(text).loadUnaligned(fromByteOffset: index, as: UInt64.self)
  }

  private static func page(
    _ text: UnsafeBufferPointer<UInt8>, _ index: Int, _ width: Int
  ) -> Int {
    let (first, second) = (Int(text[index]), Int(text[index + 1]) & 0x3F)
    return switch width {
    case 2: (first & 0x1F) >> 2
    case 3: (first & 0xF) << 4 | second >> 2
    // Masked, as bytes that are not UTF-8 would reach beyond the last page.
    default: min((first & 0x7) << 10 | second << 4 | (Int(text[index + 2]) & 0x3F) >> 2, 0x10FF)
    }
  }

  private static func scalar(
    _ text: UnsafeBufferPointer<UInt8>, _ index: Int, _ width: Int
  ) -> Unicode.Scalar {
    let value = (1..<width).reduce(UInt32(text[index]) & (0x7F >> UInt32(width))) {
      $0 << 6 | UInt32(text[index + $1]) & 0x3F
    }
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }
}

extension ClosedRange<UInt32> {
  /// The rest of the range without another.
  fileprivate func subtracting(_ other: ClosedRange<UInt32>) -> [ClosedRange<UInt32>] {
    guard overlaps(other) else { return [self] }
    var parts: [ClosedRange<UInt32>] = []
    if lowerBound < other.lowerBound { parts.append(lowerBound...(other.lowerBound - 1)) }
    if other.upperBound < upperBound { parts.append((other.upperBound + 1)...upperBound) }
    return parts
  }
}

/// The characters beyond ASCII that a regular expression spells out, alone or as ends of ranges.
enum SpelledCharacters {
  /// The ranges of code points; too many rather than too few.
  static func ranges(in pattern: String) -> [ClosedRange<UInt32>] {
    let points = codePoints(pattern)
    var (ranges, index) = ([ClosedRange<UInt32>](), 0)
    while index < points.count {
      let first = points[index]
      if index + 2 < points.count, points[index + 1] == 0x2D, first <= points[index + 2],
        points[index + 2] >= 0x80
      {
        ranges.append(max(first, 0x80)...points[index + 2])
        index += 3
      } else {
        if first >= 0x80 { ranges.append(first...first) }
        index += 1
      }
    }
    return ranges
  }

  /// The pattern's scalars, `\x{…}`, `\xHH` and `\uHHHH` as what they stand for.
  private static func codePoints(_ pattern: String) -> [UInt32] {
    var (points, rest) = ([UInt32](), Array(pattern.unicodeScalars)[...])
    while let scalar = rest.popFirst() {
      guard scalar == "\\", let kind = rest.first, kind == "x" || kind == "u" else {
        points.append(scalar.value)
        continue
      }
      rest.removeFirst()
      let isBraced = rest.first == "{"
      if isBraced { rest.removeFirst() }
      let digits = rest.prefix(isBraced ? 8 : kind == "u" ? 4 : 2).prefix {
        $0.properties.isASCIIHexDigit
      }
      rest = rest.dropFirst(digits.count + (isBraced ? 1 : 0))
      points.append(UInt32(String(String.UnicodeScalarView(digits)), radix: 16) ?? 0)
    }
    return points
  }
}
