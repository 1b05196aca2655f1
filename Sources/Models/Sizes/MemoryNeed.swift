package import Base

/// The memory that a decoder takes, in bytes.
package enum MemoryNeed {
  /// The keys and values that one more token leaves behind, of so many bytes a number.
  ///
  /// A chunked layer forgets a chunk once it is full; what is told here is the growth before that.
  package static func cacheBytesPerToken(_ config: DecoderConfig, bytesPerNumber: Int) -> Int {
    config.numHiddenLayers * pairWidth(config) * bytesPerNumber
  }

  /// The keys and values of a text of this length; layers that do not see all of it keep less.
  package static func cacheBytes(
    _ config: DecoderConfig, context: Int, bytesPerNumber: Int
  ) -> Int {
    (0..<config.numHiddenLayers).reduce(0) { sum, layer in
      let most = config.span(ofLayer: layer).mostKeys ?? context
      return min(
        largest, sum + bounded(min(context, most), pairWidth(config) * bytesPerNumber))
    }
  }

  /// A size beyond any machine's; a few thousand of them are still a whole number.
  private static let largest = 1 << 48

  /// A product of two sizes, each of which alone is possible.
  package static func bounded(_ count: Int, _ width: Int) -> Int {
    let (product, isTooMuch) = count.multipliedReportingOverflow(by: width)
    return isTooMuch ? largest : min(product, largest)
  }

  /// A key and a value, in numbers.
  private static func pairWidth(_ config: DecoderConfig) -> Int {
    2 * config.numKeyValueHeads * config.headDim
  }

  /// Weights, gradients and AdamW's two moments, all in float32.
  package static func trainingStateBytes(_ config: DecoderConfig) -> Int {
    16 * config.parameterCount
  }

  /// The activations of a training step on a batch of so many tokens, about.
  ///
  /// They are the values that the layers keep from the forward pass until the backward pass, the
  /// widest layer's temporary buffers, and the loss's chunk of logits.
  package static func activationBytes(_ config: DecoderConfig, batchTokens: Int) -> Int {
    let kept = (0..<config.numHiddenLayers).reduce(2 * config.hiddenSize) {
      $0 + keptWidth(config, layer: $1)
    }
    let logits = min(batchTokens, 336) * config.vocabSize
    let width = kept + temporaryWidth(config)
    // A quarter more, as measured: buffers are of sizes in steps.
    return 5 * (bounded(batchTokens, width) + min(logits, 1 << 25))
  }

  /// The numbers that a layer keeps for a token: the residual stream twice, queries, keys, values
  /// and what attention made of them, and the inputs of the SwiGLUs.
  private static func keptWidth(_ config: DecoderConfig, layer: Int) -> Int {
    let queries = config.numAttentionHeads * config.headDim
    let attention = 2 * queries + pairWidth(config)
    return 2 * config.hiddenSize + attention + 2 * feedForwardWidth(config, layer: layer)
  }

  /// The widths of the SwiGLUs that a token passes through in a layer.
  private static func feedForwardWidth(_ config: DecoderConfig, layer: Int) -> Int {
    guard config.isMixture(layer: layer) else { return config.denseWidth }
    return (config.sharedExpertCount + config.numExpertsPerTok) * config.expertWidth
  }

  /// The numbers that the backward pass of the widest layer needs for a token on top of that.
  private static func temporaryWidth(_ config: DecoderConfig) -> Int {
    let widest = (0..<config.numHiddenLayers).map { feedForwardWidth(config, layer: $0) }.max() ?? 0
    return 3 * widest + 4 * config.hiddenSize
  }

  /// All weights, in float32.
  package static func weights(_ config: DecoderConfig) -> Int { 4 * config.parameterCount }

  /// The activations of a forward pass over so many tokens that nothing is trained by, about: those
  /// of the moment when a layer has the most.
  package static func forward(_ config: DecoderConfig, tokens: Int) -> Int {
    let widest = (0..<config.numHiddenLayers).map { passingWidth(config, layer: $0) }.max() ?? 0
    // Positions, windows and routes are a few numbers more. Buffers are of sizes in steps, and what
    // one operation leaves does not always suit the next: half as much again, as measured.
    return 6 * bounded(tokens, widest + 2 * config.headDim + 16)
  }

  /// The numbers that a layer has for a token at a time: in attention, or behind it.
  private static func passingWidth(_ config: DecoderConfig, layer: Int) -> Int {
    let width = config.hiddenSize
    let queries = config.numAttentionHeads * config.headDim
    let keys = config.numKeyValueHeads * config.headDim
    let attention = 4 * width + 4 * queries + 4 * keys + config.numAttentionHeads
    guard config.isMixture(layer: layer) else {
      return max(attention, 5 * width + 3 * config.denseWidth)
    }
    let routed = config.numExpertsPerTok * (3 * width + 3 * config.expertWidth)
    let shared = config.sharedExpertCount * 3 * config.expertWidth
    return max(attention, 6 * width + shared + config.numLocalExperts + routed)
  }
}

extension DecoderConfig {
  /// The number of experts of a mixture that every token passes through.
  fileprivate var sharedExpertCount: Int { mixture.shared == nil ? 0 : 1 }
}

/// The error about work that would not fit into the memory, found before any of it is done.
package struct MemoryShortage: Error, Equatable, CustomStringConvertible {
  /// The work that would take the memory, in words.
  package var work: String
  /// The bytes that it takes.
  package var needed: Int
  /// The bytes that this process may use.
  package var usable: Int

  /// Throws where work would take more than there is.
  package static func check(
    _ work: String, needs needed: Int, of usable: Int
  ) throws(MemoryShortage) {
    guard needed > usable else { return }
    throw MemoryShortage(work: work, needed: needed, usable: usable)
  }

  /// One line: what takes how much, what there is, and the remedy.
  package var description: String {
    "\(work) takes about \(Self.size(needed)) of memory, and there are \(Self.size(usable)); "
      + "take a smaller model, batch or sequence length, or a machine with more"
  }

  private static func size(_ bytes: Int) -> String {
    let (gigabytes, megabytes) = (Double(bytes) / 1e9, bytes / 1_000_000)
    return gigabytes < 1
      ? "\(megabytes) MB" : "\(Double(Int((gigabytes * 10).rounded(.up))) / 10) GB"
  }
}

extension MemoryShortage: ExitStatusError {
  package var exitStatus: ExitStatus { .willNotFit }
}
