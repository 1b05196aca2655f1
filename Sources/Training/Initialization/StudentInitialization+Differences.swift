import Models

extension StudentInitialization {
  /// The settings in which the student computes otherwise than the source, each as one phrase.
  ///
  /// They may be wanted, but the layers were learned under the source's.
  package var differences: [String] {
    let source = source.config
    var pairs: [(String, String, String)] = [
      ("rope_theta", "\(student.ropeTheta)", "\(source.ropeTheta)"),
      ("rope_scaling", describe(student.ropeScaling), describe(source.ropeScaling)),
      ("rms_norm_eps", "\(student.rmsNormEps)", "\(source.rmsNormEps)"),
      ("use_qk_norm", describe(student.queryKeyNorm), describe(source.queryKeyNorm)),
      (
        "the bias of queries, keys and values",
        student.modelType.hasAttentionBias || !source.modelType.hasAttentionBias ? "kept" : "none",
        "kept"
      ),
      (
        "no_rope_layers", "\(student.ropeLayers.map { $0 ? 1 : 0 })",
        "\(layers.map { source.ropeLayers[$0] ? 1 : 0 })"
      ),
    ]
    pairs += spans(source) + tuning(source) + experts(source)
    return pairs.filter { $0.1 != $0.2 }.map { "\($0.0) is \($0.1), the source's \($0.2)" }
  }

  /// The chunks and windows of each layer, as far as a text may be longer than they are.
  private func spans(_ source: DecoderConfig) -> [(String, String, String)] {
    func sizes(
      _ config: DecoderConfig, _ layers: [Int], _ size: (AttentionSpan) -> Int?
    ) -> String {
      let sizes = layers.map { size(config.span(ofLayer: $0)) ?? 0 }
      return "\(sizes.map { $0 < student.maxPositionEmbeddings ? $0 : 0 })"
    }
    let kinds: [(String, (AttentionSpan) -> Int?)] = [
      ("attention_chunk_size", { if case .chunk(let size) = $0 { size } else { nil } }),
      ("sliding_window", { if case .window(let size) = $0 { size } else { nil } }),
    ]
    return kinds.map { key, size in
      (
        "\(key) in its layers (0: none)",
        sizes(student, Array(0..<student.numHiddenLayers), size), sizes(source, layers, size)
      )
    }
  }

  /// The choice and weighting of a token's experts, where the source has a choice.
  private func experts(_ source: DecoderConfig) -> [(String, String, String)] {
    guard layers.contains(where: source.isMixture) else { return [] }
    return [
      ("num_experts_per_tok", "\(student.numExpertsPerTok)", "\(source.numExpertsPerTok)"),
      ("norm_topk_prob", "\(student.normTopkProb)", "\(source.normTopkProb)"),
    ]
  }

  private func describe(_ norm: Architecture.QueryKeyNorm?) -> String {
    switch norm {
    case nil: "false"
    case .afterRotation: "true"
    case .beforeRotation: "true with a gain"
    }
  }

  /// The growth of queries with their position in unrotated layers, where there are such layers.
  private func tuning(_ source: DecoderConfig) -> [(String, String, String)] {
    guard student.ropeLayers.contains(false) else { return [] }
    func words(_ config: DecoderConfig) -> String {
      guard config.attnTemperatureTuning else { return "off" }
      return "on, floor_scale \(config.floorScale), attn_scale \(config.attnScale)"
    }
    return [("attn_temperature_tuning", words(student), words(source))]
  }

  private func describe(_ scaling: DecoderConfig.RopeScaling?) -> String {
    switch scaling {
    case nil: "none"
    case .linear(let factor): "linear, factor \(factor)"
    case .llama3(let scaling):
      "factor \(scaling.factor), low \(scaling.lowFreqFactor), high \(scaling.highFreqFactor), "
        + "original \(scaling.originalMaxPositionEmbeddings)"
    case .yarn(let scaling):
      "yarn, factor \(scaling.factor), fast \(scaling.betaFast), slow \(scaling.betaSlow), "
        + "original \(scaling.originalMaxPositionEmbeddings)"
    }
  }
}
