extension Checkpoint {
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
    let step = max(1, min(rows, (1 << 20) / max(1, columns)))
    var (first, second) = ([Float](), [Float]())
    for start in stride(from: 0, to: rows, by: step) {
      let part = start..<min(rows, start + step)
      try read(source, of: table, rows: part, columns, into: &first)
      try read(own, of: name, rows: part, columns, into: &second)
      guard first == second else { throw CheckpointError.otherProjection(path: path) }
    }
  }

  private func read(
    _ source: TensorSource, of name: String, rows: Range<Int>, _ columns: Int,
    into values: inout [Float]
  ) throws {
    values = [Float](repeating: 0, count: rows.count * columns)
    try values.withUnsafeMutableBufferPointer {
      try read(source, of: name, rows: rows, into: $0)
    }
  }
}
