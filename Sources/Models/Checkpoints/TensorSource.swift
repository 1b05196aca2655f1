/// Where the values of one parameter come from.
enum TensorSource: Sendable {
  /// A tensor of a safetensors file.
  case stored(SafetensorsFile, name: String, shape: [Int])
  /// A tensor of a GGUF file; `heads` is set where its rows must be put in order.
  case quantized(GGUFFile, GGUFTensor, heads: Int?)
  /// Experts that are stored one by one.
  case experts(SeparateExperts)

  /// The parameter's shape.
  var shape: [Int] {
    switch self {
    case .stored(_, _, let shape): shape
    case .quantized(_, let tensor, _): tensor.shape
    case .experts(let experts): experts.shape
    }
  }

  /// Reads the values, of which `values` has room for exactly as many as the shape says.
  func read(into values: UnsafeMutableBufferPointer<Float>) throws {
    switch self {
    case .stored(let file, let name, _): try file.read(name, into: values)
    case .quantized(let file, let tensor, let heads?):
      file.readUnpermuted(tensor, heads: heads, into: values)
    case .quantized(let file, let tensor, nil): file.read(tensor, into: values)
    case .experts(let experts): try experts.read(into: values)
    }
  }
}
