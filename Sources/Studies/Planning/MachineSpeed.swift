import Tensors

/// The speed at which this machine multiplies large matrices.
enum MachineSpeed {
  /// The operations a second of all threads, measured for a third of a second.
  static func operations(_ precision: Precision) -> Double {
    let size = 1024
    let (x, w) = (Tensor.ones([size, size]), Tensor.ones([size, size]))
    _ = linear(x, w, precision: precision)
    let began = ContinuousClock.now
    var (count, seconds) = (0, 0.0)
    while seconds < 0.3 {
      _ = linear(x, w, precision: precision)
      count += 1
      seconds = (ContinuousClock.now - began) / .seconds(1)
    }
    return 2 * Double(count) * Double(size * size * size) / seconds
  }
}

extension Tensor {
  fileprivate static func ones(_ shape: [Int]) -> Tensor {
    Tensor(shape, [Float](repeating: 1, count: shape.reduce(1, *)))
  }
}
