import CKernels

extension Checkpoint {
  /// Refuses weights of a tensor of which one is NaN or an infinity.
  ///
  /// - Throws: `CheckpointError.notFinite`, with the element's index in the tensor.
  func requireNumbers(_ name: String, _ weights: UnsafeBufferPointer<Float>) throws {
    let index = ck_first_non_finite(weights.count, weights.baseAddress)
    guard index >= 0 else { return }
    throw CheckpointError.notFinite(path: path, name: name, index: index, value: weights[index])
  }
}
