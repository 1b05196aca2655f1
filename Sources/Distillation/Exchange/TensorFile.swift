import Foundation

/// A safetensors file whose tensors are filled side by side, each from its start to its end.
///
/// The header states every size, so these must be known; no tensor is ever held in memory.
final class TensorFile {
  /// The type of a tensor's elements, by the format's names.
  enum ElementType: String {
    case U64, I64, I32, F32, F16, BOOL

    var byteCount: Int {
      switch self {
      case .U64, .I64: 8
      case .I32, .F32: 4
      case .F16: 2
      case .BOOL: 1
      }
    }
  }

  /// A tensor to come.
  struct Shape {
    let name: String
    let type: ElementType
    let dimensions: [Int]

    init(_ name: String, _ type: ElementType, _ dimensions: Int...) {
      (self.name, self.type, self.dimensions) = (name, type, dimensions)
    }

    var byteCount: Int { dimensions.reduce(type.byteCount, *) }
  }

  private let descriptor: Int32
  private let path: String
  /// Where the next bytes of each tensor go, and where it ends.
  private var places: [String: (next: Int, end: Int)] = [:]

  /// Writes the header through a descriptor of an empty file.
  init(
    _ tensors: [Shape], metadata: [String: String], to descriptor: Int32, path: String
  ) throws {
    (self.descriptor, self.path) = (descriptor, path)
    // As Hugging Face's writer does: wide elements first, so that all are aligned.
    let sorted = tensors.sorted {
      ($1.type.byteCount, $0.name) < ($0.type.byteCount, $1.name)
    }
    let header = try Self.header(of: sorted, metadata)
    var start = header.count
    for tensor in sorted {
      places[tensor.name] = (start, start + tensor.byteCount)
      start += tensor.byteCount
    }
    try header.withUnsafeBytes { try AtomicFile.writeAll($0, to: descriptor, path: path) }
  }

  private static func header(of tensors: [Shape], _ metadata: [String: String]) throws -> [UInt8] {
    var (members, start): ([String: Any], Int) = (["__metadata__": metadata], 0)
    for tensor in tensors {
      members[tensor.name] = [
        "dtype": tensor.type.rawValue, "shape": tensor.dimensions,
        "data_offsets": [start, start + tensor.byteCount],
      ]
      start += tensor.byteCount
    }
    var json = Array(
      try JSONSerialization.data(
        withJSONObject: members, options: [.sortedKeys, .withoutEscapingSlashes]))
    json += Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
  }

  /// Adds the next elements of a tensor, of its type's size each.
  func append<Element: BitwiseCopyable>(_ elements: [Element], to name: String) throws {
    guard let place = places[name] else { preconditionFailure("no tensor \(name)") }
    try elements.withUnsafeBytes { bytes in
      precondition(place.next + bytes.count <= place.end, "more of \(name) than was stated")
      try write(bytes, at: place.next)
      places[name]?.next += bytes.count
    }
  }

  /// Whether every tensor has all of its elements.
  var isComplete: Bool { places.values.allSatisfy { $0.next == $0.end } }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, offset + done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw RunError.writing(path) }
      done += count
    }
  }
}
