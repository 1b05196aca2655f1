import Base

/// Writes safetensors files as Hugging Face's own writer does.
///
/// Tensors lie in the order of their names, the header is padded so that the data begins at a
/// multiple of eight, and the metadata says `pt`, without which transformers 4 refuses a file.
package enum SafetensorsWriter {
  /// Writes a file, which appears only when it is complete.
  ///
  /// - Parameters:
  ///   - path: The file; one that is there is replaced.
  ///   - tensors: The tensors to write, of unique names.
  ///   - type: The type to round the values to.
  ///   - values: Gives the values of each tensor in turn, so that no two need be in memory.
  /// - Throws: `FileError`, and what `values` throws.
  package static func write(
    to path: String, tensors: [NamedShape], type: WeightType, values: TensorValues
  ) throws {
    let sorted = tensors.sorted { $0.name < $1.name }
    let file = try AtomicFile(path: path)
    let layout = SafetensorsLayout(
      sorted.map { .init($0.name, type.elementType, $0.shape) }, metadata: ["format": "pt"], keys: <
    )
    try file.write(layout.head)
    for tensor in sorted {
      try values(tensor.name) { buffer in
        precondition(buffer.count == tensor.count, "\(tensor.name): values as the shape says")
        try write(buffer, type: type, to: file)
      }
    }
    try file.commit()
  }

  // In pieces, so that the rounded copy stays small.
  private static func write(
    _ values: UnsafeBufferPointer<Float>, type: WeightType, to file: borrowing AtomicFile
  ) throws {
    if type == .float32 { return try file.write(UnsafeRawBufferPointer(values)) }
    let piece = 1 << 16
    var rounded = [UInt8](repeating: 0, count: min(piece, values.count) * type.byteCount)
    for start in stride(from: 0, to: values.count, by: piece) {
      let part = UnsafeBufferPointer(rebasing: values[start..<min(start + piece, values.count)])
      try rounded.withUnsafeMutableBytes { bytes in
        let target = UnsafeMutableRawBufferPointer(
          rebasing: bytes[..<(part.count * type.byteCount)])
        type.narrow(part, into: target)
        try file.write(UnsafeRawBufferPointer(target))
      }
    }
  }
}

/// The head of a safetensors file to be written, and the place in it of each tensor's bytes.
package struct SafetensorsLayout {
  /// A tensor to come.
  package struct Tensor {
    /// Its name, unique within the file.
    package let name: String
    /// The type of its elements, of whole bytes.
    package let type: ElementType
    /// Its sizes, outermost first.
    package let shape: [Int]

    /// A tensor from its three parts.
    package init(_ name: String, _ type: ElementType, _ shape: [Int]) {
      self.name = name
      self.type = type
      self.shape = shape
    }

    /// The size of its elements together.
    package var byteCount: Int { shape.reduce(type.bits / 8, *) }
  }

  /// The bytes before the data: the header's length, the header, and blanks to a multiple of eight.
  package let head: [UInt8]
  /// The range of each tensor's bytes in the file, in the order given.
  package let ranges: [Range<Int>]

  /// The layout of tensors whose bytes follow one another as given.
  ///
  /// - Parameters:
  ///   - tensors: The tensors, in the order of their bytes.
  ///   - metadata: The header's statements about the whole file.
  ///   - precedes: The order of the header's keys.
  /// - Precondition: No two tensors have one name.
  package init(
    _ tensors: [Tensor], metadata: [String: String], keys precedes: (String, String) -> Bool
  ) {
    var entries: [String: JSONValue] = [
      "__metadata__": .object(metadata.mapValues(JSONValue.string))
    ]
    var places: [Range<Int>] = []
    for tensor in tensors {
      let start = places.last?.upperBound ?? 0
      places.append(start..<(start + tensor.byteCount))
      let entry = Self.entry(of: tensor, at: places[places.count - 1])
      precondition(entries.updateValue(entry, forKey: tensor.name) == nil, "names are unique")
    }
    let members = entries.sorted { precedes($0.key, $1.key) }
    var json = JSONValue.object(members.map { JSONMember($0.key, $0.value) }).compactJSON
    json += Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
    let head = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
    self.head = head
    ranges = places.map { (head.count + $0.lowerBound)..<(head.count + $0.upperBound) }
  }

  private static func entry(of tensor: Tensor, at place: Range<Int>) -> JSONValue {
    [
      "data_offsets": [.int(place.lowerBound), .int(place.upperBound)],
      "dtype": .string(tensor.type.rawValue), "shape": .array(tensor.shape.map(JSONValue.int)),
    ]
  }
}
