/// A memory-mapped safetensors file whose header has been checked.
package struct SafetensorsFile: Sendable {
  /// The file's path.
  package var path: String { mapping.path }
  /// The tensors, in the order of their bytes; each is read from the header when it is asked for.
  package var entries: some RandomAccessCollection<SafetensorsEntry> {
    (0..<header.count).lazy.map { place in withHeader { header.entry(at: place, in: $0) } }
  }

  /// The free-form metadata of the header.
  package var metadata: [String: String] { withHeader { header.metadata(in: $0) } }

  let mapping: MappedFile
  let header: SafetensorsHeader

  /// Maps a file and checks its header.
  ///
  /// - Throws: `CheckpointError` when it cannot be read, `SafetensorsError` when it is broken.
  package init(path: String) throws {
    mapping = try MappedFile(path: path)
    header = try mapping.withBytes { try SafetensorsHeader($0, file: path) }
  }

  /// Runs `body` on the header's text.
  func withHeader<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try mapping.withBytes(8..<header.dataStart, body)
  }

  /// The names of the tensors, sorted.
  package var names: [String] { entries.map(\.name).sorted() }

  /// The header's entry for a tensor; nil where there is none.
  package func entry(_ name: String) -> SafetensorsEntry? {
    withHeader { text in
      header.number(of: name, in: text).map { header.entry(number: $0, in: text) }
    }
  }

  /// Runs `body` on a tensor's bytes, which are little-endian, row-major and perhaps unaligned.
  ///
  /// - Throws: `CheckpointError.missingTensor`, and what `body` throws.
  package func withBytes<R>(
    of name: String, _ body: (UnsafeRawBufferPointer) throws -> R
  ) throws -> R {
    try withBytes(of: try require(name), body)
  }

  /// Runs `body` on the bytes of one of ``entries``.
  func withBytes<R>(
    of entry: SafetensorsEntry, _ body: (UnsafeRawBufferPointer) throws -> R
  ) rethrows -> R {
    try mapping.withBytes(fileRange(of: entry), body)
  }

  /// The range in the file of the bytes of one of ``entries``.
  func fileRange(of entry: SafetensorsEntry) -> Range<Int> {
    (header.dataStart + entry.range.lowerBound)..<(header.dataStart + entry.range.upperBound)
  }

  /// Reads the weights of a tensor, widened to single precision.
  ///
  /// - Parameters:
  ///   - name: A tensor of type F32, F16 or BF16.
  ///   - values: Where they go, row-major.
  /// - Throws: `CheckpointError.missingTensor`, or `.notWeights` for any other type.
  /// - Precondition: `values` has room for exactly its elements.
  package func read(_ name: String, into values: UnsafeMutableBufferPointer<Float>) throws {
    try read(name, rows: 0..<1, of: 1, into: values)
  }

  /// Reads some of a tensor's rows, which are so many in all.
  func read(
    _ name: String, rows: Range<Int>, of count: Int,
    into values: UnsafeMutableBufferPointer<Float>
  ) throws {
    let entry = try require(name)
    guard let type = WeightType(entry.type) else {
      throw CheckpointError.notWeights(path: path, name: name, type: entry.type.rawValue)
    }
    withBytes(of: entry) { type.widen($0.rows(rows, of: count), into: values) }
  }

  /// The weights of a tensor, widened to single precision.
  ///
  /// - Throws: What ``read(_:into:)`` throws.
  package func floats(_ name: String) throws -> [Float] {
    let count = try require(name).shape.reduce(1, *)
    return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      try read(name, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  /// The elements of a tensor of type I64.
  ///
  /// - Throws: `CheckpointError.missingTensor`, or `.notWeights` for any other type.
  package func int64s(_ name: String) throws -> [Int64] {
    let entry = try require(name)
    guard entry.type == .int64 else {
      throw CheckpointError.notWeights(path: path, name: name, type: entry.type.rawValue)
    }
    return try withBytes(of: name) { bytes in
      stride(from: 0, to: bytes.count, by: 8).map {
        Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: Int64.self))
      }
    }
  }

  private func require(_ name: String) throws -> SafetensorsEntry {
    guard let entry = entry(name) else {
      throw CheckpointError.missingTensor(path: path, name: name)
    }
    return entry
  }
}
