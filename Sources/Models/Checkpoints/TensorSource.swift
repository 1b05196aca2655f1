/// The source of one parameter's values.
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

  /// The rows in all: a vector has one, a stack of matrices those of all of them.
  var rowCount: Int { shape.dropLast().reduce(1, *) }

  /// The number of rows that are read together: an expert's where it is stored transposed.
  var rowsPerPiece: Int {
    if case .experts(let experts) = self { experts.shape[1] } else { 1 }
  }

  /// Reads some rows, in whole pieces, into the room for their values.
  func read(rows: Range<Int>, into values: UnsafeMutableBufferPointer<Float>) throws {
    switch self {
    case .stored(let file, let name, _):
      try file.read(name, rows: rows, of: rowCount, into: values)
    case .quantized(let file, let tensor, let heads?):
      file.readUnpermuted(tensor, heads: heads, rows: rows, into: values)
    case .quantized(let file, let tensor, nil):
      file.read(tensor, rows: rows, of: rowCount, into: values)
    case .experts(let experts): try experts.read(pieces(of: rows), into: values)
    }
  }

  /// Advises the system about the file's pages under some rows.
  func advise(rows: Range<Int>, _ advice: MappedFile.Advice) {
    switch self {
    case .stored(let file, let name, _):
      guard let entry = file.entry(name) else { return }
      file.mapping.advise(file.fileRange(of: entry).rows(rows, of: rowCount), advice)
    case .quantized(let file, let tensor, _):
      file.mapping.advise(tensor.range.rows(rows, of: rowCount), advice)
    case .experts(let experts):
      for matrix in experts.matrices[pieces(of: rows)].joined() {
        guard let entry = matrix.file.entry(matrix.name) else { continue }
        matrix.file.mapping.advise(matrix.file.fileRange(of: entry), advice)
      }
    }
  }

  private func pieces(of rows: Range<Int>) -> Range<Int> {
    (rows.lowerBound / rowsPerPiece)..<(rows.upperBound / rowsPerPiece)
  }
}

extension TensorSource {
  /// The parameters that a GGUF file holds, by Hugging Face's names.
  static func sources(
    of file: GGUFFile, config: DecoderConfig
  ) throws -> [String: TensorSource] {
    var sources: [String: TensorSource] = [:]
    let family = config.modelType
    for tensor in file.tensors where tensor.name != "rope_freqs.weight" {
      guard let name = GGUFNames.huggingFace(tensor.name, family) else {
        throw GGUFError.unsupportedModel(
          file: file.path, feature: "the tensor \(tensor.name)", supported: family.title)
      }
      let isPermuted = family.gguf?.permutesRows == true
      let heads =
        isPermuted ? try heads(of: tensor, named: name, file: file, config: config) : nil
      sources[name] = .quantized(file, tensor, heads: heads)
    }
    return sources
  }

  private static func heads(
    of tensor: GGUFTensor, named name: String, file: GGUFFile, config: DecoderConfig
  ) throws -> Int? {
    let heads: Int
    switch name {
    case _ where name.hasSuffix("q_proj.weight"): heads = config.numAttentionHeads
    case _ where name.hasSuffix("k_proj.weight"): heads = config.numKeyValueHeads
    default: return nil
    }
    guard tensor.shape.count == 2, tensor.shape[0] % (2 * heads) == 0 else {
      throw CheckpointError.shapeMismatch(
        path: file.path, name: name, expected: [heads * config.headDim, config.hiddenSize],
        found: tensor.shape)
    }
    return heads
  }
}
