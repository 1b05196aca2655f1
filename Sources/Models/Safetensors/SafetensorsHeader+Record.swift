import Base

/// The faults of one entry of a safetensors header, whatever its name.
enum SafetensorsEntryProblem: Error {
  case duplicate(field: String)
  case unknownType(String)
  case fields(String)
  case badOffsets(begin: Int, end: Int)
  case overflow
  case sizeMismatch(needed: Int, found: Int)

  /// The error with the file and the tensor.
  func error(file: String, name: String) -> SafetensorsError {
    switch self {
    case .duplicate(let field): .duplicateKey(file: file, key: "\(name).\(field)")
    case .unknownType(let type): .unknownType(file: file, name: name, type: type)
    case .fields(let problem): .badEntry(file: file, name: name, problem: problem)
    case .badOffsets(let begin, let end):
      .badOffsets(file: file, name: name, begin: begin, end: end)
    case .overflow: .overflow(file: file, name: name)
    case .sizeMismatch(let needed, let found):
      .sizeMismatch(file: file, name: name, needed: needed, found: found)
    }
  }
}

extension SafetensorsHeader.Record {
  /// Consumes an entry's object.
  init(_ scanner: inout JSONScanner) throws {
    var (type, shape, offsets) = (ElementType?.none, Int?.none, (begin: 0, end: 0, count: -1))
    try scanner.object { scanner, key in
      switch key {
      case "dtype" where type == nil:
        let text = try scanner.string()
        type = ElementType(rawValue: text)
        if type == nil { throw SafetensorsEntryProblem.unknownType(text) }
      case "shape" where shape == nil:
        shape = scanner.offset
        try scanner.sizes { _ in }
      case "data_offsets" where offsets.count < 0:
        offsets.count = 0
        try scanner.sizes { offsets = (offsets.end, $0, offsets.count + 1) }
      case "dtype", "shape", "data_offsets": throw SafetensorsEntryProblem.duplicate(field: key)
      default: throw SafetensorsEntryProblem.fields("has a field \(key)")
      }
    }
    guard let type, let shape, offsets.count >= 0 else {
      throw SafetensorsEntryProblem.fields("lacks one of dtype, shape and data_offsets")
    }
    guard offsets.count == 2 else {
      throw SafetensorsEntryProblem.fields("has \(offsets.count) data_offsets instead of 2")
    }
    let (begin, end) = (offsets.begin, offsets.end)
    guard begin <= end else { throw SafetensorsEntryProblem.badOffsets(begin: begin, end: end) }
    var bytes = JSONScanner(scanner, at: shape)
    guard let needed = try bytes.byteCount(of: type) else {
      throw SafetensorsEntryProblem.overflow
    }
    guard needed == end - begin else {
      throw SafetensorsEntryProblem.sizeMismatch(needed: needed, found: end - begin)
    }
    self.init(begin: begin, end: end, shape: UInt32(shape), type: type)
  }
}

extension JSONScanner {
  /// Consumes a list of at most 64 whole numbers.
  mutating func sizes(_ body: (Int) -> Void) throws {
    var count = 0
    try array { scanner in
      body(try scanner.unsigned())
      count += 1
      if count > 64 { throw scanner.failure("a list of more than 64 numbers") }
    }
  }

  /// Consumes a shape; the bytes of its elements, or nil where no number of bytes can hold them.
  fileprivate mutating func byteCount(of type: ElementType) throws -> Int? {
    var total: Int? = type.bits
    try sizes { size in
      let (product, overflow) = (total ?? 0).multipliedReportingOverflow(by: size)
      total = overflow ? nil : total.map { _ in product }
    }
    return total.flatMap { $0 % 8 == 0 ? $0 / 8 : nil }
  }
}
