import Text

/// One tensor of a safetensors file, as its header describes it.
public struct SafetensorsEntry: Sendable, Equatable {
  /// The tensor's name.
  public var name: String
  /// The type of its elements.
  public var type: ElementType
  /// Its sizes, outermost first; empty for a single number.
  public var shape: [Int]
  /// Where its bytes lie within the file's data, which begins after the header.
  public var range: Range<Int>
}

/// The checked header of a safetensors file.
///
/// The format (github.com/huggingface/safetensors): the header's length (8 bytes, little-endian),
/// the header as JSON, then the data, which the tensors must tile without hole or overlap. The
/// reference implementation takes white space before the `{`; the specification does not, and
/// neither does this reader.
struct SafetensorsHeader {
  static let largestLength = 100_000_000
  static let mostTensors = 1_000_000

  /// The tensors in the order of their bytes.
  private(set) var entries: [SafetensorsEntry] = []
  /// The free-form metadata.
  private(set) var metadata: [String: String] = [:]
  /// The offset of the data within the file.
  let dataStart: Int

  private let file: String
  private var names: Set<String> = []

  /// Reads and checks the header of a file's bytes.
  ///
  /// - Throws: `SafetensorsError`.
  init(_ bytes: UnsafeRawBufferPointer, file: String) throws {
    self.file = file
    dataStart = try Self.dataStart(bytes, file)
    let header = UnsafeRawBufferPointer(rebasing: bytes[8..<dataStart])
    guard header.first == UInt8(ascii: "{") else {
      throw SafetensorsError.headerNotObject(file: file)
    }
    do {
      try scan(header)
    } catch let error as JSONSyntaxError {
      throw SafetensorsError.badHeader(file: file, offset: error.offset, problem: error.problem)
    }
    names = []
    try checkTiling(available: bytes.count - dataStart)
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

  private mutating func scan(_ header: UnsafeRawBufferPointer) throws {
    var scanner = JSONScanner(header)
    var hasMetadata = false
    try scanner.object { scanner, key in
      if key == "__metadata__" {
        if hasMetadata { throw SafetensorsError.duplicateKey(file: file, key: key) }
        hasMetadata = true
        try scanMetadata(&scanner)
      } else {
        try scanTensor(&scanner, key)
      }
    }
    try scanner.expectEnd()
  }

  private mutating func scanMetadata(_ scanner: inout JSONScanner) throws {
    try scanner.object { scanner, key in
      guard scanner.peek() == UInt8(ascii: "\"") else {
        throw SafetensorsError.metadataNotString(file: file, key: key)
      }
      if metadata.updateValue(try scanner.string(), forKey: key) != nil {
        throw SafetensorsError.duplicateKey(file: file, key: "__metadata__." + key)
      }
    }
  }

  private mutating func scanTensor(_ scanner: inout JSONScanner, _ name: String) throws {
    guard names.insert(name).inserted else {
      throw SafetensorsError.duplicateKey(file: file, key: name)
    }
    guard names.count <= Self.mostTensors else {
      throw SafetensorsError.tooManyTensors(file: file, limit: Self.mostTensors)
    }
    var fields = EntryFields(file: file, name: name)
    try scanner.object { scanner, key in try fields.scan(&scanner, key) }
    entries.append(try fields.entry())
  }

  private mutating func checkTiling(available: Int) throws {
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var (end, last) = (0, "")
    for entry in entries {
      let (name, range) = (entry.name, entry.range)
      guard range.upperBound <= available else {
        throw SafetensorsError.pastEnd(
          file: file, name: name, end: range.upperBound, available: available)
      }
      guard range.lowerBound >= end else {
        throw SafetensorsError.overlap(file: file, name: name, other: last)
      }
      guard range.lowerBound == end else {
        throw SafetensorsError.hole(file: file, name: name, count: range.lowerBound - end)
      }
      (end, last) = (range.upperBound, name)
    }
    guard end == available else {
      throw SafetensorsError.trailingBytes(file: file, count: available - end)
    }
  }
}

/// The fields of one entry while its object is being read.
private struct EntryFields {
  let file: String
  let name: String
  var type: ElementType?
  var shape: [Int]?
  var offsets: [Int]?

  mutating func scan(_ scanner: inout JSONScanner, _ key: String) throws {
    switch key {
    case "dtype" where type == nil:
      let text = try scanner.string()
      guard let known = ElementType(rawValue: text) else {
        throw SafetensorsError.unknownType(file: file, name: name, type: text)
      }
      type = known
    case "shape" where shape == nil: shape = try sizes(&scanner)
    case "data_offsets" where offsets == nil: offsets = try sizes(&scanner)
    case "dtype", "shape", "data_offsets":
      throw SafetensorsError.duplicateKey(file: file, key: "\(name).\(key)")
    default:
      throw SafetensorsError.badEntry(file: file, name: name, problem: "has a field \(key)")
    }
  }

  func entry() throws -> SafetensorsEntry {
    guard let type, let shape, let offsets else {
      throw SafetensorsError.badEntry(
        file: file, name: name, problem: "lacks one of dtype, shape and data_offsets")
    }
    guard offsets.count == 2 else {
      throw SafetensorsError.badEntry(
        file: file, name: name, problem: "has \(offsets.count) data_offsets instead of 2")
    }
    guard offsets[0] <= offsets[1] else {
      throw SafetensorsError.badOffsets(file: file, name: name, begin: offsets[0], end: offsets[1])
    }
    guard let needed = type.byteCount(of: shape) else {
      throw SafetensorsError.overflow(file: file, name: name)
    }
    guard needed == offsets[1] - offsets[0] else {
      throw SafetensorsError.sizeMismatch(
        file: file, name: name, needed: needed, found: offsets[1] - offsets[0])
    }
    return SafetensorsEntry(
      name: name, type: type, shape: shape, range: offsets[0]..<offsets[1])
  }

  private func sizes(_ scanner: inout JSONScanner) throws -> [Int] {
    var sizes: [Int] = []
    try scanner.array { scanner in
      sizes.append(try scanner.unsigned())
      if sizes.count > 64 { throw scanner.failure("a list of more than 64 numbers") }
    }
    return sizes
  }
}
