import Models
import Text

/// The floating-point operations that some sequences need, a multiplication and an addition as two.
///
/// Matrix products: 2 · N · P forward and twice that backward, for N predictions and P active matmul
/// parameters (the embedding table, which is only looked up, and the norms do not count; an output
/// projection that is the same table does). Attention: a document of n inputs has n (n + 1) / 2
/// pairs of query and key, each 4 · H · d a layer forward and 2.5 times that backward, where the
/// scores are made again. What an implementation does beyond that is not counted.
struct OperationCount {
  /// The operations of the forward pass.
  let forward: Double
  /// The operations of forward and backward.
  let training: Double

  /// The operations of a decoder on some sequences; attention in chunks counts as if it had none.
  init(_ config: DecoderConfig, _ sequences: some Sequence<PackedSequence>) {
    var (predictions, pairs) = (0, 0)
    for sequence in sequences {
      predictions += sequence.predictionCount
      pairs += sequence.fragments.reduce(0) { $0 + $1 * ($1 - 1) / 2 }
    }
    let products = 2 * Double(predictions) * Double(config.activeMatmulParameterCount)
    let width = config.numAttentionHeads * config.headDim
    let attention = 4 * Double(width) * Double(pairs) * Double(config.numHiddenLayers)
    forward = products + attention
    training = 3 * products + 3.5 * attention
  }
}

extension DecoderConfig {
  /// The parameters that a token is multiplied with.
  var activeMatmulParameterCount: Int {
    let norms = (2 * numHiddenLayers + 1) * hiddenSize
    let lookedUp = tieWordEmbeddings ? 0 : vocabSize * hiddenSize
    return activeParameterCount - norms - lookedUp
  }
}
