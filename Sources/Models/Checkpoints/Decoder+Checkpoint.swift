import Tensors

extension Decoder {
  /// The decoder of a checkpoint, with its weights.
  ///
  /// - Throws: `CheckpointError` where a parameter is missing or of another shape, or where the
  ///   checkpoint has parameters that no part of the decoder reads.
  public init(_ checkpoint: Checkpoint, trainable: Bool = false) throws {
    self.init(checkpoint.config, trainable: trainable)
    try load(checkpoint)
  }

  /// Reads every parameter from a checkpoint of the same shape.
  ///
  /// - Throws: `CheckpointError`, also where a weight is no number.
  public func load(_ checkpoint: Checkpoint) throws {
    try checkpoint.requireNothing(besides: parameters.parameters.map(\.name))
    try checkpoint.read(into: parameters)
  }

  /// Saves the model as a folder that transformers loads.
  ///
  /// - Parameters:
  ///   - path: The folder to make, complete or not at all.
  ///   - type: The type to round the weights to.
  ///   - tokenizer: Its tokenizer, if there is one.
  ///   - replacing: Whether a folder that is there may be replaced.
  /// - Throws: `CheckpointError`.
  public func save(
    to path: String, type: WeightType = .float32, tokenizer: SavedTokenizer? = nil,
    replacing: Bool = false
  ) throws {
    let ranges = Dictionary(
      uniqueKeysWithValues: parameters.parameters.map { ($0.name, $0.range) })
    try HuggingFaceFolder.save(
      to: path, config: config,
      tensors: parameters.parameters.map(\.namedShape),
      type: type, tokenizer: tokenizer, replacing: replacing
    ) { name, body in
      guard let range = ranges[name] else { preconditionFailure("no parameter named \(name)") }
      try parameters.withValues(range) { try body(UnsafeBufferPointer($0)) }
    }
  }
}
