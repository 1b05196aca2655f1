import Base
import CKernels
import Tensors

extension Checkpoint {
  /// The number of values that a thread reads at once.
  private static let pieceCount = 1 << 20

  /// Reads a parameter, widened or de-quantised to single precision, on all threads.
  ///
  /// - Parameters:
  ///   - name: Hugging Face's name, such as `model.layers.0.self_attn.q_proj.weight`.
  ///   - shape: The shape that it must have.
  ///   - values: Room for exactly its elements, in row-major order.
  /// - Throws: `CheckpointError.missingTensor`, `.shapeMismatch`, `.notWeights` or `.notFinite`.
  public func read(
    _ name: String, shape: [Int], into values: UnsafeMutableBufferPointer<Float>
  ) throws {
    let source = try source(name, shape: shape)
    try read(source, of: name, rows: 0..<shape.dropLast().reduce(1, *), into: values)
  }

  /// Reads every parameter of a store.
  ///
  /// - Throws: as ``read(_:shape:into:)``.
  func read(into store: ParameterStore) throws {
    for parameter in store.parameters {
      try store.withValues(parameter.range) {
        try read(parameter.name, shape: parameter.shape, into: $0)
      }
    }
  }

  /// Reads some rows of a parameter's source.
  ///
  /// The file's pages do not count as this process's memory once they have been read, so that
  /// loading a model takes no more memory than the model.
  func read(
    _ source: TensorSource, of name: String, rows: Range<Int>,
    into values: UnsafeMutableBufferPointer<Float>
  ) throws {
    let columns = source.shape.last ?? 1
    precondition(values.count == rows.count * columns, "room for exactly the elements")
    let unit = source.rowsPerPiece
    let piece = max(1, Self.pieceCount / max(1, columns * unit)) * unit
    let starts = Array(stride(from: rows.lowerBound, to: rows.upperBound, by: piece))
    _ = try Parallel.map(starts.count) { index in
      let part = starts[index]..<min(rows.upperBound, starts[index] + piece)
      let place = (part.lowerBound - rows.lowerBound) * columns
      let room = UnsafeMutableBufferPointer(
        rebasing: values[place..<(place + part.count * columns)])
      try source.read(rows: part, into: room)
      try requireNumbers(room, of: name, from: part.lowerBound * columns)
      if part.count * columns >= Self.pieceCount / 8 { source.advise(rows: part, .notNeeded) }
    }
  }

  // A model with one weight that is no number has no answer that means anything.
  private func requireNumbers(
    _ weights: UnsafeMutableBufferPointer<Float>, of name: String, from first: Int
  ) throws {
    let index = ck_first_non_finite(weights.count, weights.baseAddress)
    guard index >= 0 else { return }
    throw CheckpointError.notFinite(
      path: path, name: name, index: first + index, value: weights[index])
  }

  /// Checks that a model whose config ties the output projection to the embeddings has no other.
  ///
  /// Many files carry a copy of the table under the projection's name. Where it is no copy,
  /// programs differ in which of the two they compute with, so that neither is taken unasked.
  ///
  /// - Throws: `CheckpointError.otherProjection` where the values differ, and errors of reading.
  package func requireTied() throws {
    let name = "lm_head.weight"
    guard config.tieWordEmbeddings, let own = tensors[name] else { return }
    let (table, shape) = (config.embeddings.name, config.embeddings.shape)
    let source = try source(table, shape: shape)
    guard own.shape == source.shape else {
      throw CheckpointError.shapeMismatch(
        path: path, name: name, expected: source.shape, found: own.shape)
    }
    let (rows, columns) = (shape[0], shape[1])
    let step = max(1, min(rows, Self.pieceCount / max(1, columns)))
    for start in stride(from: 0, to: rows, by: step) {
      let part = start..<min(rows, start + step)
      guard try floats(source, of: table, rows: part) == floats(own, of: name, rows: part) else {
        throw CheckpointError.otherProjection(path: path)
      }
    }
  }

  private func floats(
    _ source: TensorSource, of name: String, rows: Range<Int>
  ) throws -> [Float] {
    var values = [Float](repeating: 0, count: rows.count * (source.shape.last ?? 1))
    try values.withUnsafeMutableBufferPointer { try read(source, of: name, rows: rows, into: $0) }
    return values
  }

  /// SHA-256, in hexadecimal, of the config and of every tensor's name, type, shape and bytes.
  ///
  /// The same for one file and for shards, and unmoved by inert keys of the config. Reads the whole
  /// checkpoint once.
  public var fingerprint: String {
    var hash = Digest()
    hash.append(identity.huggingFaceJSON())
    switch storage {
    case .safetensors(let files):
      let tensors = files.flatMap { file in file.entries.map { (file, $0) } }
      for (file, entry) in tensors.sorted(by: { $0.1.name < $1.1.name }) {
        file.withBytes(of: entry) { hash.update(entry.name, entry.type.rawValue, entry.shape, $0) }
        file.mapping.advise(file.fileRange(of: entry), .notNeeded)
      }
    case .gguf(let file):
      for tensor in file.tensors.sorted(by: { $0.name < $1.name }) {
        file.withBytes(of: tensor) { hash.update(tensor.name, tensor.type.name, tensor.shape, $0) }
        file.mapping.advise(tensor.range, .notNeeded)
      }
    }
    return hash.hexadecimal
  }
}

extension Digest {
  // Lengths first, so that no two sequences of tensors give the same stream.
  fileprivate mutating func update(
    _ name: String, _ type: String, _ shape: [Int], _ bytes: UnsafeRawBufferPointer
  ) {
    let sizes = shape.map(String.init).joined(separator: ",")
    let head = "\(name.utf8.count):\(name) \(type) [\(sizes)] \(bytes.count)\n"
    append(Array(head.utf8))
    append(bytes)
  }
}
