import Base

extension DecoderConfig {
  /// How the rotary frequencies of a stretched context differ from θ^(−2j/d).
  public enum RopeScaling: Sendable, Equatable {
    /// All of them divided by one factor. (`rope_type: linear`)
    case linear(factor: Double)
    /// The low ones divided, the high ones left alone, as of Llama 3.1. (`rope_type: llama3`)
    case llama3(Llama3)

    /// The four numbers of Llama 3.1's scaling.
    public struct Llama3: Sendable, Equatable {
      /// How much the low frequencies are slowed down.
      public var factor: Double
      /// Wavelengths beyond `originalMaxPositionEmbeddings / lowFreqFactor` are slowed fully.
      public var lowFreqFactor: Double
      /// Wavelengths below `originalMaxPositionEmbeddings / highFreqFactor` are left alone.
      public var highFreqFactor: Double
      /// The context length before scaling, in tokens.
      public var originalMaxPositionEmbeddings: Int

      /// A scaling from its four numbers.
      public init(
        factor: Double, lowFreqFactor: Double, highFreqFactor: Double,
        originalMaxPositionEmbeddings: Int
      ) {
        self.factor = factor
        self.lowFreqFactor = lowFreqFactor
        self.highFreqFactor = highFreqFactor
        self.originalMaxPositionEmbeddings = originalMaxPositionEmbeddings
      }
    }
  }
}

extension DecoderConfig.RopeScaling {
  /// The scaling as the mapping that transformers reads, without the base.
  var values: [String: JSONValue] {
    switch self {
    case .linear(let factor): ["rope_type": .string("linear"), "factor": .double(factor)]
    case .llama3(let scaling):
      [
        "rope_type": .string("llama3"), "factor": .double(scaling.factor),
        "low_freq_factor": .double(scaling.lowFreqFactor),
        "high_freq_factor": .double(scaling.highFreqFactor),
        "original_max_position_embeddings": .int(scaling.originalMaxPositionEmbeddings),
      ]
    }
  }
}
