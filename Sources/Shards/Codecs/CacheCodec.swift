/// The way in which a cache stores the teacher's distributions: a codec, its number, a temperature.
///
/// ```swift
/// let codec = CacheCodec(.threshold, temperature: 1)
/// print(codec)  // threshold τ = 0.04, T = 1.0
/// let draws = CacheCodec.sample(samples: 50, temperature: 2)
/// try draws.validate()
/// ```
public struct CacheCodec: Sendable, Equatable {
  /// The codec.
  public let kind: CodecKind
  /// The codec's own number: τ, k or the draws; nil where it has none.
  public let setting: Double?
  /// T, at which the distributions were captured.
  public let temperature: Double

  /// A codec with a number, else the usual one; codecs without a number take none.
  public init(_ kind: CodecKind, setting: Double? = nil, temperature: Double) {
    self.kind = kind
    self.setting = kind.setting.map { setting ?? $0.usual(temperature) }
    self.temperature = temperature
  }

  /// The codec's name in manifests.
  public var name: String { kind.rawValue }

  /// Whether targets are stored as a few entries a position.
  package var isSparse: Bool { kind.isSparse }

  /// Whether another draw of a position gives other targets.
  package var isRandom: Bool { kind.isRandom }

  /// The probability above which stored entries are exact, but for rounding; nil where none are.
  package var exactAbove: Float? { kind.exactAbove(setting ?? 0) }

  /// The grid that stored values are rounded to.
  var grid: ValueGrid { kind.grid(setting ?? 0) }

  /// The step below 1 of the grid that stored values are rounded to.
  package var resolution: Double { grid.resolution }

  /// The value of an entry that was sampled; nil where no tail is.
  var sampledValue: Double? { kind.hasSampledTail ? setting : nil }

  /// The most entries that a row over a vocabulary can have in one draw.
  func mostEntries(vocabularySize: Int) -> Int { kind.mostEntries(setting ?? 0, vocabularySize) }

  /// The memory of a row over a vocabulary and of its frame, about, in bytes.
  package func rowBytes(vocabularySize: Int) -> Int { kind.rowBytes(setting ?? 0, vocabularySize) }

  /// The codec's number, if the codec is of a kind.
  func number(of kind: CodecKind) -> Double? { self.kind == kind ? setting : nil }

  /// Throws `invalidSetting` for parameters outside what the format holds.
  public func validate() throws(ShardError) {
    guard temperature.isFinite, temperature >= 0.01, temperature <= 100 else {
      throw .invalidSetting(
        name: "temperature", reason: "\(temperature) is outside 0.01…100; most use 1 to 4")
    }
    if let setting { try kind.setting?.validate(setting) }
  }
}

extension CacheCodec: CustomStringConvertible {
  /// The codec for people: `threshold τ = 0.04, T = 1.0`.
  public var description: String { kind.title(setting) + ", T = \(temperature)" }
}

extension CacheCodec: Codable {
  /// A key of the object in manifests: a codec's own number has the name that the codec gives it.
  private struct Key: CodingKey {
    static let name = Key("name")
    static let temperature = Key("temperature")

    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  /// Reads the object that `encode(to:)` writes.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let temperature = try values.decode(Double.self, forKey: .temperature)
    let name = try values.decode(String.self, forKey: .name)
    guard let kind = CodecKind(rawValue: name) else {
      throw DecodingError.dataCorruptedError(
        forKey: .name, in: values, debugDescription: "codec \(name) is not known here")
    }
    let number = try kind.setting.map { setting in
      let key = Key(setting.key)
      return setting.isWhole
        ? Double(try values.decode(Int.self, forKey: key))
        : try values.decode(Double.self, forKey: key)
    }
    self.init(kind, setting: number, temperature: temperature)
  }

  /// Writes `{"name": …, "temperature": …}` and the codec's own number.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(name, forKey: .name)
    try values.encode(temperature, forKey: .temperature)
    guard let number = setting, let setting = kind.setting else { return }
    if setting.isWhole, let whole = Int(exactly: number) {
      try values.encode(whole, forKey: Key(setting.key))
    } else {
      try values.encode(number, forKey: Key(setting.key))
    }
  }
}
