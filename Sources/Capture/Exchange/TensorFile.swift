import Base
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

  // Nil once it has its name.
  private var file: AtomicFile?
  /// Where the next bytes of each tensor go, and where it ends.
  private var places: [String: (next: Int, end: Int)] = [:]

  /// Begins a file, which appears under its name when it is committed.
  init(_ tensors: [Shape], metadata: [String: String], path: String) throws {
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
    file = try AtomicFile(path: path)
    try file?.write(header)
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
      try file?.write(bytes, at: place.next)
      places[name]?.next += bytes.count
    }
  }

  /// Gives the file its name.
  ///
  /// - Precondition: Every tensor has all of its elements.
  func commit() throws {
    precondition(places.values.allSatisfy { $0.next == $0.end }, "a tensor is not whole")
    if let file = file.take() { try file.commit() }
  }
}
