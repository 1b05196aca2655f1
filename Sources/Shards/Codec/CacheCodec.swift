/// How a cache stores the teacher's distributions, with the parameters of that.
public enum CacheCodec: Sendable, Equatable {
  /// Threshold sampling: sparse and unbiased (DESIGN §5).
  case threshold(threshold: Double, temperature: Double)
  /// Float16 log-probabilities of the whole vocabulary, for evaluation.
  case dense(temperature: Double)

  /// The codec's name in manifests.
  public var name: String {
    switch self {
    case .threshold: "threshold"
    case .dense: "dense"
    }
  }

  /// T, at which the distributions were captured.
  public var temperature: Double {
    switch self {
    case .threshold(_, let temperature), .dense(let temperature): temperature
    }
  }

  /// τ, if there is one.
  public var threshold: Double? {
    guard case .threshold(let threshold, _) = self else { return nil }
    return threshold
  }

  /// Throws `invalidSetting` for a threshold or temperature outside what the format holds.
  func validate() throws(ShardError) {
    guard temperature.isFinite, temperature >= 0.01, temperature <= 100 else {
      throw .invalidSetting(
        name: "temperature", reason: "\(temperature) is outside 0.01…100; most use 1 to 4")
    }
    guard let threshold else { return }
    guard threshold >= 1e-4, threshold <= 1 else {
      throw .invalidSetting(
        name: "threshold", reason: "\(threshold) is outside 0.0001…1; the usual is 0.05")
    }
  }
}

extension CacheCodec: Codable {
  private enum CodingKeys: String, CodingKey { case name, threshold, temperature }

  /// Reads the object that `encode(to:)` writes.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let temperature = try values.decode(Double.self, forKey: .temperature)
    let name = try values.decode(String.self, forKey: .name)
    switch name {
    case "threshold":
      let threshold = try values.decode(Double.self, forKey: .threshold)
      self = .threshold(threshold: threshold, temperature: temperature)
    case "dense": self = .dense(temperature: temperature)
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .name, in: values, debugDescription: "codec \(name) is not known here")
    }
  }

  /// Writes `{"name": …, "temperature": …}`, and `"threshold"` where there is one.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(name, forKey: .name)
    try values.encode(temperature, forKey: .temperature)
    try values.encodeIfPresent(threshold, forKey: .threshold)
  }
}
