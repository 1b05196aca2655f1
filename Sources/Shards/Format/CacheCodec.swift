/// How a cache stores the teacher's distributions, with the parameters of that.
public enum CacheCodec: Sendable, Equatable {
  /// Threshold sampling: sparse and unbiased (docs/design.md, "The targets").
  case threshold(threshold: Double, temperature: Double)
  /// The k most probable entries; the rest of the mass is known only as a whole.
  case topk(entries: Int, temperature: Double)
  /// Random sampling with replacement, each draw worth 1/n (RS-KD, ACL 2025).
  case sample(samples: Int, temperature: Double)
  /// Float16 log-probabilities of the whole vocabulary, for evaluation.
  case dense(temperature: Double)

  /// The codec's name in manifests.
  public var name: String {
    switch self {
    case .threshold: "threshold"
    case .topk: "topk"
    case .sample: "sample"
    case .dense: "dense"
    }
  }

  /// T, at which the distributions were captured.
  public var temperature: Double {
    switch self {
    case .threshold(_, let temperature), .topk(_, let temperature), .sample(_, let temperature),
      .dense(let temperature):
      temperature
    }
  }

  /// τ, if there is one.
  public var threshold: Double? {
    guard case .threshold(let threshold, _) = self else { return nil }
    return threshold
  }

  /// τ, k or the number of draws; nil for the dense codec.
  package var parameter: Double? {
    switch self {
    case .threshold(let threshold, _): threshold
    case .topk(let entries, _): Double(entries)
    case .sample(let samples, _): Double(samples)
    case .dense: nil
    }
  }

  /// The τ of a cache that names none: .04, from T = 1 up .04 / T, rounded down to three decimals
  /// and not below .02.
  ///
  /// With it the error is no larger than that of 50 random draws on any kind of text that was
  /// measured (docs/cache.md). The flatter p, the more of it lies below τ, and softening flattens; at
  /// .02 = 1/50 it is no larger whatever p is: Σ p (τ − p) over p < τ is at most Σ p (1 − p) / 50.
  public static func usualThreshold(temperature: Double) -> Double {
    let wanted = 0.04 / max(1, temperature)
    // A millionth keeps .02 what it is in binary.
    return max(0.02, (wanted * 1000 + 1e-6).rounded(.down) / 1000)
  }

  /// Whether targets are stored as a few entries a position.
  public var isSparse: Bool {
    guard case .dense = self else { return true }
    return false
  }

  /// Whether another draw of a position gives other targets.
  public var isRandom: Bool {
    switch self {
    case .threshold, .sample: true
    case .topk, .dense: false
    }
  }

  /// Throws `invalidSetting` for parameters outside what the format holds.
  public func validate() throws(ShardError) {
    guard temperature.isFinite, temperature >= 0.01, temperature <= 100 else {
      throw .invalidSetting(
        name: "temperature", reason: "\(temperature) is outside 0.01…100; most use 1 to 4")
    }
    switch self {
    case .threshold(let threshold, _):
      guard threshold >= 1e-4, threshold <= 1 else {
        throw .invalidSetting(
          name: "threshold", reason: "\(threshold) is outside 0.0001…1; the usual is 0.04")
      }
    case .topk(let entries, _): try Self.check(entries, "entries", usual: 50)
    case .sample(let samples, _): try Self.check(samples, "samples", usual: 50)
    case .dense: break
    }
  }

  private static func check(
    _ value: Int, _ name: String, usual: Int
  ) throws(ShardError) {
    guard value >= 1, value <= 1 << 12 else {
      throw .invalidSetting(
        name: name, reason: "\(value) is outside 1…\(1 << 12); the usual is \(usual)")
    }
  }
}

extension CacheCodec: Codable {
  private enum CodingKeys: String, CodingKey {
    case name, threshold, entries, samples, temperature
  }

  /// Reads the object that `encode(to:)` writes.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let temperature = try values.decode(Double.self, forKey: .temperature)
    let name = try values.decode(String.self, forKey: .name)
    switch name {
    case "threshold":
      let threshold = try values.decode(Double.self, forKey: .threshold)
      self = .threshold(threshold: threshold, temperature: temperature)
    case "topk":
      let entries = try values.decode(Int.self, forKey: .entries)
      self = .topk(entries: entries, temperature: temperature)
    case "sample":
      let samples = try values.decode(Int.self, forKey: .samples)
      self = .sample(samples: samples, temperature: temperature)
    case "dense": self = .dense(temperature: temperature)
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .name, in: values, debugDescription: "codec \(name) is not known here")
    }
  }

  /// Writes `{"name": …, "temperature": …}` and the codec's own parameter.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(name, forKey: .name)
    try values.encode(temperature, forKey: .temperature)
    switch self {
    case .threshold(let threshold, _): try values.encode(threshold, forKey: .threshold)
    case .topk(let entries, _): try values.encode(entries, forKey: .entries)
    case .sample(let samples, _): try values.encode(samples, forKey: .samples)
    case .dense: break
    }
  }
}

extension CacheCodec {
  /// The step below 1 of the grid that stored values are rounded to.
  package var resolution: Double { ValueGrid(self).resolution }
}
