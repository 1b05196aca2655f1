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
