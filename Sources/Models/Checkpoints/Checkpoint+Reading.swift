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
}
