import ArgumentParser
import Models

/// The shape of the student: by default that of `peers/torch_student.py`.
struct StudentOptions: ParsableArguments {
  @Option var vocabulary = 49152
  @Option var hidden = 256
  @Option var layers = 8
  @Option var heads = 8
  @Option var keyValueHeads = 4
  @Option var headDim = 32
  @Option(help: "The width of an expert.") var intermediate = 512
  @Option(help: "The width of a dense layer.") var intermediateMlp = 1024
  @Option var experts = 16
  @Option(help: "Every how manieth layer has experts.") var interleave = 2

  func validate() throws {
    let sizes = [
      vocabulary, hidden, layers, heads, keyValueHeads, headDim, intermediate, intermediateMlp,
      experts, interleave,
    ]
    guard sizes.allSatisfy({ $0 > 0 }), vocabulary >= 64, heads % keyValueHeads == 0 else {
      throw ValidationError(
        "sizes are at least 1, the vocabulary 64, and --heads a multiple of --key-value-heads")
    }
  }

  /// The decoder of this shape for sequences of up to `length` tokens.
  func config(length: Int) -> DecoderConfig {
    var config = DecoderConfig(
      modelType: .llama4Text, vocabSize: vocabulary, hiddenSize: hidden,
      intermediateSize: intermediate, numHiddenLayers: layers, numAttentionHeads: heads,
      numKeyValueHeads: keyValueHeads, headDim: headDim)
    config.intermediateSizeMlp = intermediateMlp
    config.maxPositionEmbeddings = length
    config.ropeTheta = 500_000
    config.ropeLayers = (0..<layers).map { ($0 + 1) % 4 != 0 }
    config.useQkNorm = true
    config.moeLayers = Array(stride(from: interleave - 1, to: layers, by: interleave))
    config.numLocalExperts = experts
    return config
  }
}
