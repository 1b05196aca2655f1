extension TensorSource {
  /// The parameters that a GGUF file of architecture `llama` holds, by Hugging Face's names.
  static func sources(
    of file: GGUFFile, config: DecoderConfig
  ) throws -> [String: TensorSource] {
    var sources: [String: TensorSource] = [:]
    for tensor in file.tensors where tensor.name != "rope_freqs.weight" {
      guard let name = GGUFNames.huggingFace(tensor.name) else {
        throw GGUFError.unsupportedModel(
          file: file.path, feature: "the tensor \(tensor.name)", supported: "Llama 2 and 3")
      }
      let heads = try heads(of: tensor, named: name, file: file, config: config)
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
