/// The experts of a layer, stored one by one as linear layers (out, in), read as one tensor.
///
/// Quantising tools write `experts.{e}.{gate,up,down}_proj.weight` instead of the fused
/// `experts.gate_up_proj` (E, D, 2F) and `experts.down_proj` (E, F, D), whose matrices are
/// transposed (docs/llama4.md §4.1).
struct SeparateExperts: Sendable {
  /// One expert's matrix in its file.
  struct Matrix: Sendable {
    var file: SafetensorsFile
    var name: String
  }

  /// Per expert the matrices that stand side by side: gate and up, or down alone.
  let matrices: [[Matrix]]
  private let (rows, columns): (Int, Int)

  /// The sizes: E, in, and out times the number of matrices side by side.
  var shape: [Int] { [matrices.count, columns, rows * (matrices.first?.count ?? 0)] }

  private init(_ matrices: [[Matrix]], path: String) throws {
    self.matrices = matrices
    let shapes = matrices.joined().map { ($0.name, $0.file.entry($0.name)?.shape ?? []) }
    let first = shapes.first?.1 ?? []
    for (name, shape) in shapes where shape != first || shape.count != 2 {
      throw CheckpointError.shapeMismatch(path: path, name: name, expected: first, found: shape)
    }
    rows = first[0]
    columns = first[1]
  }

  /// Reads some experts, transposed, into (experts, in, out · side by side).
  func read(_ experts: Range<Int>, into values: UnsafeMutableBufferPointer<Float>) throws {
    let stride = shape[2]
    var matrix = [Float](repeating: 0, count: rows * columns)
    for (place, parts) in matrices[experts].enumerated() {
      for (part, source) in parts.enumerated() {
        try matrix.withUnsafeMutableBufferPointer { try source.file.read(source.name, into: $0) }
        let start = place * columns * stride + part * rows
        for row in 0..<rows {
          for column in 0..<columns {
            values[start + column * stride + row] = matrix[row * columns + column]
          }
        }
      }
    }
  }
}

extension SeparateExperts {
  /// The number of the matrices under one prefix, and the highest expert's number.
  struct Census {
    var matrices = 0
    var highest = 0

    /// Counts a matrix of an expert.
    mutating func count(_ expert: Int) {
      matrices += 1
      highest = max(highest, expert)
    }
  }

  /// The fused tensors that separate ones stand for, by parameter name.
  ///
  /// - Parameters:
  ///   - found: The matrices that there are, by the prefix of their names.
  ///   - path: The checkpoint.
  ///   - matrix: Finds a separate tensor.
  /// - Returns: The fused tensors.
  /// - Throws: `CheckpointError.missingTensor` when one of a layer's matrices is absent.
  static func fused(
    _ found: [String: Census], path: String, _ matrix: (String) -> Matrix?
  ) throws -> [String: SeparateExperts] {
    var fused: [String: SeparateExperts] = [:]
    for (prefix, census) in found {
      // A stray number must not become a loop of billions.
      guard census.highest < census.matrices else {
        throw CheckpointError.missingTensor(path: path, name: "\(prefix)0.gate_proj.weight")
      }
      for (name, parts) in ["gate_up_proj": ["gate", "up"], "down_proj": ["down"]] {
        let matrices = try (0...census.highest).map { expert in
          try parts.map { part in
            let name = "\(prefix)\(expert).\(part)_proj.weight"
            guard let found = matrix(name) else {
              throw CheckpointError.missingTensor(path: path, name: name)
            }
            return found
          }
        }
        fused[prefix + name] = try SeparateExperts(matrices, path: path)
      }
    }
    return fused
  }

  /// The prefix up to `experts.`, and the expert's number, of a separate expert's tensor.
  static func parse(_ name: String) -> (prefix: String, expert: Int)? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[parts.count - 4] == "experts",
      let expert = Int(parts[parts.count - 3]), expert >= 0, expert < 1 << 20,
      ["gate_proj", "up_proj", "down_proj"].contains(parts[parts.count - 2]),
      parts.last == "weight"
    else { return nil }
    return (parts.dropLast(3).joined(separator: ".") + ".", expert)
  }
}
