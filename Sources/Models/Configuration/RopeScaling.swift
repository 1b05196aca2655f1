import Base
import Foundation

extension DecoderConfig {
  /// The change of the rotary frequencies θ^(−2j/d) for a stretched context.
  public enum RopeScaling: Sendable, Equatable {
    /// All of them divided by one factor. (`rope_type: linear`)
    case linear(factor: Double)
    /// The low ones divided, the high ones left alone, as of Llama 3.1. (`rope_type: llama3`)
    case llama3(Llama3)
    /// The slow ones divided, the fast ones left alone, and queries and keys made longer. (`yarn`)
    case yarn(YaRN)

    /// The four numbers of Llama 3.1's scaling.
    public struct Llama3: Sendable, Equatable {
      /// The divisor of the low frequencies.
      package var factor: Double
      /// Wavelengths beyond `originalMaxPositionEmbeddings / lowFreqFactor` are slowed fully.
      package var lowFreqFactor: Double
      /// Wavelengths below `originalMaxPositionEmbeddings / highFreqFactor` are left alone.
      package var highFreqFactor: Double
      /// The context length before scaling, in tokens.
      package var originalMaxPositionEmbeddings: Int

      /// A scaling from its four numbers.
      package init(
        factor: Double, lowFreqFactor: Double, highFreqFactor: Double,
        originalMaxPositionEmbeddings: Int
      ) {
        self.factor = factor
        self.lowFreqFactor = lowFreqFactor
        self.highFreqFactor = highFreqFactor
        self.originalMaxPositionEmbeddings = originalMaxPositionEmbeddings
      }
    }

    /// The numbers of YaRN.
    public struct YaRN: Sendable, Equatable {
      /// The divisor of the slow frequencies.
      package var factor: Double
      /// Pairs that turn oftener than this over the original context are left alone.
      package var betaFast: Double
      /// Pairs that turn less often than this over it are slowed fully.
      package var betaSlow: Double
      /// The context length before scaling, in tokens.
      package var originalMaxPositionEmbeddings: Int
      /// The factor of rotated queries and keys; nil takes 0.1 ln(factor) + 1.
      package var attentionFactor: Double?
    }
  }
}

extension DecoderConfig.RopeScaling {
  /// The factor of rotated queries and keys.
  var magnitude: Float {
    guard case .yarn(let scaling) = self else { return 1 }
    return Float(scaling.attentionFactor ?? (0.1 * log(max(scaling.factor, 1)) + 1))
  }

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
    case .yarn(let scaling):
      [
        "rope_type": .string("yarn"), "factor": .double(scaling.factor),
        "beta_fast": .double(scaling.betaFast), "beta_slow": .double(scaling.betaSlow),
        "original_max_position_embeddings": .int(scaling.originalMaxPositionEmbeddings),
        "attention_factor": scaling.attentionFactor.map(JSONValue.double) ?? .null,
      ]
    }
  }
}
