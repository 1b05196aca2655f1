import Base
import Foundation

extension DecoderConfig {
  /// The change of the rotary frequencies θ^(−2j/d) for a stretched context.
  package enum RopeScaling: Sendable, Equatable {
    /// All of them divided by one factor. (`rope_type: linear`)
    case linear(factor: Double)
    /// The low ones divided, the high ones left alone, as of Llama 3.1. (`rope_type: llama3`)
    case llama3(Llama3)
    /// The slow ones divided, the fast ones left alone, and queries and keys made longer. (`yarn`)
    case yarn(YaRN)

    /// The four numbers of Llama 3.1's scaling.
    package struct Llama3: Sendable, Equatable {
      /// The divisor of the low frequencies.
      package var factor: Double
      /// Wavelengths beyond `originalMaxPositionEmbeddings / lowFreqFactor` are slowed fully.
      package var lowFreqFactor: Double
      /// Wavelengths below `originalMaxPositionEmbeddings / highFreqFactor` are left alone.
      package var highFreqFactor: Double
      /// The context length before scaling, in tokens.
      package var originalMaxPositionEmbeddings: Int
    }

    /// The numbers of YaRN.
    package struct YaRN: Sendable, Equatable {
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

  /// The scaling that a rope mapping describes; nil when it describes none.
  fileprivate init?(_ rope: ConfigReader, known: [String]) throws(DecoderConfigError) {
    let type = try rope.ropeType(known)
    try rope.refuseUnread(type)
    switch type {
    case "linear":
      let factor = try rope.requiredPositive("factor")
      if factor == 1 { return nil }
      self = .linear(factor: factor)
    case "llama3": self = .llama3(try Llama3(rope))
    case "yarn": self = .yarn(try YaRN(rope))
    default: return nil
    }
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

extension DecoderConfig {
  /// The rotary frequency of each pair, d/2 numbers: θ^(−2j/d), slowed by the scaling if there is
  /// one.
  package var rotaryFrequencies: [Float] {
    (0..<(headDim / 2)).map { j in
      let frequency = Float(1) / Float(pow(ropeTheta, Double(2 * j) / Double(headDim)))
      return switch ropeScaling {
      case nil: frequency
      case .linear(let factor): frequency / Float(factor)
      case .llama3(let scaling): scaling.scaled(frequency)
      case .yarn(let scaling):
        scaling.scaled(frequency, pair: j, theta: ropeTheta, headDim: headDim)
      }
    }
  }

  /// Reads the rotary settings of either generation of keys.
  ///
  /// The older one is the flat `rope_theta` with `rope_scaling`, the newer `rope_parameters`; like
  /// transformers, `rope_scaling` wins where a file carries both, and a `rope_theta` inside the
  /// mapping wins over the flat one.
  mutating func readRope(_ reader: ConfigReader) throws(DecoderConfigError) {
    let defaultTheta = modelType.defaults.ropeTheta
    let flatTheta = try reader.positive("rope_theta")
    let older = try reader.object("rope_scaling")
    let newer = try reader.object("rope_parameters")
    guard let rope = [older, newer].compactMap({ $0 }).first(where: { !$0.members.isEmpty })
    else {
      ropeTheta = flatTheta ?? defaultTheta
      return
    }
    let innerTheta = try rope.positive("rope_theta")
    let newerTheta = try newer?.positive("rope_theta")
    ropeTheta = innerTheta ?? flatTheta ?? newerTheta ?? defaultTheta
    ropeScaling = try RopeScaling(rope, known: modelType.ropeTypes)
  }
}

extension DecoderConfig.RopeScaling.Llama3 {
  fileprivate init(_ rope: ConfigReader) throws(DecoderConfigError) {
    let (low, high) = (
      try rope.requiredPositive("low_freq_factor"), try rope.requiredPositive("high_freq_factor")
    )
    if high < low {
      throw rope.invalid("high_freq_factor", "is \(high), but low_freq_factor is \(low)")
    }
    self.init(
      factor: try rope.requiredPositive("factor"), lowFreqFactor: low, highFreqFactor: high,
      originalMaxPositionEmbeddings: try rope.required(
        "original_max_position_embeddings", in: 1...Int(Int32.max)))
  }

  // The two outer branches come first, because Scout's low and high factors are equal and the middle
  // one would divide zero by zero (docs/llama4.md §2.4).
  fileprivate func scaled(_ frequency: Float) -> Float {
    let original = Double(originalMaxPositionEmbeddings)
    let wavelength = 2 * Double.pi / Double(frequency)
    if wavelength < original / highFreqFactor { return frequency }
    if wavelength > original / lowFreqFactor { return frequency / Float(factor) }
    let smooth = (original / wavelength - lowFreqFactor) / (highFreqFactor - lowFreqFactor)
    return Float((1 - smooth) / factor + smooth) * frequency
  }

  /// The divisor of a head's frequency `index`, by the Llama 3 rule (docs/llama4.md §2.4).
  ///
  /// The curve of ``scaled(_:)`` again, in double precision: factors that a file states are held
  /// against it within a tolerance, whereas the steps of ``scaled(_:)``, in single precision where
  /// it has them, are a model's bits.
  func slowdown(of index: Int, theta: Double, headDim: Int) -> Double {
    let wavelength = 2 * Double.pi * pow(theta, 2 * Double(index) / Double(headDim))
    let original = Double(originalMaxPositionEmbeddings)
    if wavelength < original / highFreqFactor { return 1 }
    if wavelength > original / lowFreqFactor { return factor }
    let smooth = (original / wavelength - lowFreqFactor) / (highFreqFactor - lowFreqFactor)
    return 1 / ((1 - smooth) / factor + smooth)
  }
}

extension DecoderConfig.RopeScaling.YaRN {
  fileprivate init(_ rope: ConfigReader) throws(DecoderConfigError) {
    self.init(
      factor: try rope.requiredPositive("factor"),
      betaFast: try rope.positive("beta_fast") ?? 32, betaSlow: try rope.positive("beta_slow") ?? 1,
      originalMaxPositionEmbeddings: try rope.required(
        "original_max_position_embeddings", in: 1...Int(Int32.max)),
      attentionFactor: try rope.positive("attention_factor"))
  }

  /// A frequency, slowed the more the slower it is: not at all below the pair that turns
  /// `betaFast` times over the original context, fully beyond the one that turns `betaSlow` times.
  fileprivate func scaled(_ frequency: Float, pair: Int, theta: Double, headDim: Int) -> Float {
    func pairTurning(_ times: Double) -> Double {
      let wavelength = Double(originalMaxPositionEmbeddings) / (2 * Double.pi * times)
      return Double(headDim) * log(wavelength) / (2 * log(theta))
    }
    let first = Float(max(pairTurning(betaFast).rounded(.down), 0))
    let last = Float(min(pairTurning(betaSlow).rounded(.up), Double(headDim - 1)))
    let slope = first == last ? 0.001 : last - first
    let slowed = min(max((Float(pair) - first) / slope, 0), 1)
    return frequency / Float(factor) * slowed + frequency * (1 - slowed)
  }
}

extension ConfigReader {
  /// The type that a rope mapping names; its key was "type" before it was "rope_type".
  fileprivate func ropeType(_ known: [String]) throws(DecoderConfigError) -> String {
    let (newer, older) = (try string("rope_type"), try string("type"))
    if let newer, let older, newer != older {
      throw invalid("rope_type", "is \(newer), but type is \(older)")
    }
    let type = newer ?? older ?? (has("factor") ? "missing" : "default")
    guard known.contains(type) else {
      throw unsupported("rope_type", type, known.joined(separator: ", "))
    }
    return type
  }

  /// Refuses what a rope mapping of a type says besides what is read.
  fileprivate func refuseUnread(_ type: String) throws(DecoderConfigError) {
    let always: Set = [
      "rope_type", "type", "rope_theta", "original_max_position_embeddings",
    ]
    let read = always.union(UnsupportedKeys.rope[type] ?? [])
    for (key, value) in members.sorted(by: { $0.key < $1.key })
    where value != .null && !read.contains(key) {
      let one = UnsupportedKeys.Row([key], [.int(1)])
      // Factors of 1 change nothing, wherever they stand.
      if key.hasSuffix("factor"), one.isNeutral(value) { continue }
      throw unsupported(key, value.brief, "rope_type \(type) without it")
    }
  }

  fileprivate func requiredPositive(_ key: String) throws(DecoderConfigError) -> Double {
    guard let number = try positive(key) else {
      throw .missingKey(file: file, key: prefix + key)
    }
    return number
  }
}
