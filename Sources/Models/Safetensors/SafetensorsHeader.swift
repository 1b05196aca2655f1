import Base

/// One tensor of a safetensors file, as its header describes it.
package struct SafetensorsEntry: Sendable, Equatable {
  /// The tensor's name.
  package var name: String
  /// The type of its elements.
  package var type: ElementType
  /// Its sizes, outermost first; empty for a single number.
  package var shape: [Int]
  /// The range of its bytes within the file's data, which begins after the header.
  package var range: Range<Int>
}

/// The checked header of a safetensors file.
///
/// The format (github.com/huggingface/safetensors): the header's length (8 bytes, little-endian),
/// the header as JSON, then the data, which the tensors must tile without hole or overlap. The
/// reference implementation takes white space before the `{`; the specification does not, and
/// neither does this reader.
///
/// Some fifty bytes are kept of each tensor, fewer than its text has; names and shapes stay there.
struct SafetensorsHeader: Sendable {
  static let largestLength = 100_000_000
  static let mostTensors = 1_000_000
  static let mostMetadata = 65_536

  /// The facts that are kept of a tensor, beside its name.
  struct Record {
    var begin: Int
    var end: Int
    // Where the shape's list begins in the text.
    var shape: UInt32
    var type: ElementType
  }

  /// The offset of the data within the file.
  let dataStart: Int

  private let file: String
  private var records: [Record] = []
  private var names = NameList()
  // The tensors' numbers in the order of their bytes.
  private var order: [UInt32] = []
  private var metadataStart: Int?

  /// Reads and checks the header of a file's bytes.
  ///
  /// - Throws: `SafetensorsError`.
  init(_ bytes: UnsafeRawBufferPointer, file: String) throws {
    self.file = file
    dataStart = try Self.dataStart(bytes, file)
    let text = UnsafeRawBufferPointer(rebasing: bytes[8..<dataStart])
    guard text.first == UInt8(ascii: "{") else {
      throw SafetensorsError.headerNotObject(file: file)
    }
    do {
      try scan(text)
    } catch let error as JSONSyntaxError {
      throw SafetensorsError.badHeader(file: file, offset: error.offset, problem: error.problem)
    }
    if let twice = names.index(in: text) {
      throw SafetensorsError.duplicateKey(file: file, key: names.string(twice, in: text))
    }
    sort()
    try checkTiling(text, available: bytes.count - dataStart)
  }

  private static func dataStart(_ bytes: UnsafeRawBufferPointer, _ file: String) throws -> Int {
    guard bytes.count >= 8 else {
      throw SafetensorsError.tooShort(file: file, needed: 8, found: bytes.count)
    }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= largestLength else {
      throw SafetensorsError.headerTooLarge(file: file, length: length)
    }
    let start = 8 + Int(length)
    guard start <= bytes.count else {
      throw SafetensorsError.tooShort(file: file, needed: start, found: bytes.count)
    }
    return start
  }

  private mutating func scan(_ text: UnsafeRawBufferPointer) throws {
    // An entry's text has at least some fifty bytes; memory that stays unused is not touched.
    let most = min(Self.mostTensors, text.count / 48) + 1
    records.reserveCapacity(most)
    names.reserve(most)
    var scanner = JSONScanner(text)
    try scanner.members { scanner in
      try names.append(&scanner, in: text)
      try scanner.expect(UInt8(ascii: ":"))
      if names.takeLast("__metadata__", in: text) {
        try scanMetadata(&scanner, in: text)
      } else {
        try scanTensor(&scanner, in: text)
      }
    }
    try scanner.expectEnd()
  }

  private mutating func scanMetadata(
    _ scanner: inout JSONScanner, in text: UnsafeRawBufferPointer
  ) throws {
    guard metadataStart == nil else {
      throw SafetensorsError.duplicateKey(file: file, key: "__metadata__")
    }
    metadataStart = scanner.offset
    var keys = NameList()
    try scanner.members { scanner in
      try keys.append(&scanner, in: text)
      if keys.count > Self.mostMetadata {
        throw scanner.failure("more than \(Self.mostMetadata) keys of metadata")
      }
      try scanner.expect(UInt8(ascii: ":"))
      guard scanner.peek() == UInt8(ascii: "\"") else {
        throw SafetensorsError.metadataNotString(
          file: file, key: keys.string(keys.count - 1, in: text))
      }
      try scanner.skipValue(depth: 1)
    }
    if let twice = keys.index(in: text) {
      throw SafetensorsError.duplicateKey(
        file: file, key: "__metadata__." + keys.string(twice, in: text))
    }
  }

  private mutating func scanTensor(
    _ scanner: inout JSONScanner, in text: UnsafeRawBufferPointer
  ) throws {
    guard names.count <= Self.mostTensors else {
      throw SafetensorsError.tooManyTensors(file: file, limit: Self.mostTensors)
    }
    do {
      records.append(try Record(&scanner))
    } catch let problem as SafetensorsEntryProblem {
      throw problem.error(file: file, name: names.string(names.count - 1, in: text))
    }
  }

  private mutating func sort() {
    order = records.indices.map { UInt32($0) }
    records.withUnsafeBufferPointer { records in
      func precedes(_ one: UInt32, _ other: UInt32) -> Bool {
        let (one, other) = (records[Int(one)], records[Int(other)])
        return (one.begin, one.end) < (other.begin, other.end)
      }
      // Nearly every file has them in order.
      let isSorted = !zip(order, order.dropFirst()).contains { precedes($1, $0) }
      if !isSorted { order.sort(by: precedes) }
    }
  }

  private func checkTiling(_ text: UnsafeRawBufferPointer, available: Int) throws {
    var (end, last) = (0, 0)
    for number in order.lazy.map({ Int($0) }) {
      let record = records[number]
      if record.end <= available, record.begin == end {
        (end, last) = (record.end, number)
        continue
      }
      let name = names.string(number, in: text)
      guard record.end <= available else {
        throw SafetensorsError.pastEnd(
          file: file, name: name, end: record.end, available: available)
      }
      guard record.begin >= end else {
        throw SafetensorsError.overlap(file: file, name: name, other: names.string(last, in: text))
      }
      throw SafetensorsError.hole(file: file, name: name, count: record.begin - end)
    }
    guard end == available else {
      throw SafetensorsError.trailingBytes(file: file, count: available - end)
    }
  }
}

/// The contents of a checked header; `text` is the one that was checked.
extension SafetensorsHeader {
  /// The number of tensors.
  var count: Int { records.count }

  /// The tensor at a place in the order of the bytes.
  func entry(at place: Int, in text: UnsafeRawBufferPointer) -> SafetensorsEntry {
    entry(number: Int(order[place]), in: text)
  }

  /// The tensor of a number, of those that the other functions give.
  func entry(number: Int, in text: UnsafeRawBufferPointer) -> SafetensorsEntry {
    let record = records[number]
    var shape: [Int] = []
    var scanner = JSONScanner(JSONScanner(text), at: Int(record.shape))
    // Read once already.
    try? scanner.sizes { shape.append($0) }
    return SafetensorsEntry(
      name: names.string(number, in: text), type: record.type, shape: shape,
      range: record.begin..<record.end)
  }

  /// The number of a tensor.
  func number(of name: String, in text: UnsafeRawBufferPointer) -> Int? {
    var name = name
    return name.withUTF8 { number(of: UnsafeRawBufferPointer($0), in: text) }
  }

  /// The number of the tensor whose name has these bytes.
  func number(of name: UnsafeRawBufferPointer, in text: UnsafeRawBufferPointer) -> Int? {
    names.number(of: name, in: text)
  }

  /// Calls `body` with every tensor's number and the bytes of its name, in the header's order.
  func forEachName(
    in text: UnsafeRawBufferPointer, _ body: (Int, UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    for number in 0..<names.count {
      try names.withBytes(of: number, in: text) { try body(number, $0) }
    }
  }

  /// The free-form metadata.
  func metadata(in text: UnsafeRawBufferPointer) -> [String: String] {
    guard let metadataStart else { return [:] }
    var (scanner, metadata) = (
      JSONScanner(JSONScanner(text), at: metadataStart), [String: String]()
    )
    try? scanner.object { metadata[$1] = try $0.string() }
    return metadata
  }
}
