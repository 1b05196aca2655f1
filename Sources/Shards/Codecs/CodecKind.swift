/// A way to store the teacher's distributions, with all that is particular to it.
///
/// Manifests, configs and options name it, and whatever depends on the codec asks it. A new one is
/// a file in this folder and a place in `allCases`.
public struct CodecKind: Sendable, Equatable, CaseIterable, RawRepresentable {
  /// The codecs in the order in which people are told of them, the usual one first.
  public static let allCases: [CodecKind] = [.threshold, .topk, .sample, .dense]

  /// The name in manifests, configs and options.
  public let rawValue: String
  /// A few words for people who choose a codec; nil where the name says it.
  public internal(set) var remark: String?
  /// The codec's own number; nil where it has none.
  public internal(set) var setting: CodecSetting?
  /// Whether targets are stored as a few entries a position.
  package internal(set) var isSparse = true
  /// Whether another draw of a position gives other targets, which are right on average.
  public internal(set) var isRandom = false
  /// Whether nothing is known about the entries that are not stored but their mass together.
  public internal(set) var isTruncated = false
  /// Whether entries below the codec's number are sampled, each then worth that number.
  var hasSampledTail = false
  /// The probability above which stored entries are exact, but for rounding; nil where none are.
  let exactAbove: @Sendable (_ number: Double) -> Float?
  /// The grid of the values; that of dense targets, which have none, is the finest.
  let grid: @Sendable (_ number: Double) -> ValueGrid
  /// The name of that grid in manifests, where the codec's own name does not tell it.
  var gridName: String?
  /// The most entries that a row can have in one draw.
  var mostEntries: @Sendable (_ number: Double, _ vocabularySize: Int) -> Int = { _, _ in 0 }
  /// The memory of a row and its frame, about.
  let rowBytes: @Sendable (_ number: Double, _ vocabularySize: Int) -> Int
  /// The sampler of sparse targets; nil for whole distributions.
  var sampler: (@Sendable (_ codec: CacheCodec, _ vocabularySize: Int) -> any RowSampler)?
}

extension CodecKind {
  /// The codec of a name; nil where none has it.
  public init?(rawValue: String) {
    guard let kind = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = kind
  }

  /// The codec and its number for people: `threshold τ = 0.04`, `topk 50`, `dense`.
  public func title(_ number: Double?) -> String {
    guard let setting, let number else { return rawValue }
    return setting.isWhole
      ? "\(rawValue) \(setting.text(number))" : "\(rawValue) \(setting.symbol) = \(number)"
  }
}

/// The number that a codec has of its own.
public struct CodecSetting: Sendable {
  /// The key in manifests and configs.
  public let key: String
  /// The letter for people.
  package let symbol: String
  /// Whether it is a count.
  public internal(set) var isWhole = false
  /// The values that the format holds.
  public let range: ClosedRange<Double>
  /// The value where none is given, at a temperature.
  public let usual: @Sendable (_ temperature: Double) -> Double
  /// The setting in a few words, around the number's text.
  let phrase: @Sendable (_ number: String) -> String

  /// The values that the format holds of a count.
  package var wholeRange: ClosedRange<Int> { Int(range.lowerBound)...Int(range.upperBound) }

  /// The number for people.
  func text(_ number: Double) -> String {
    guard isWhole, let whole = Int(exactly: number) else { return "\(number)" }
    return "\(whole)"
  }

  /// The setting in a few words: `τ = 0.04`, `top 50`, `50 draws`.
  package func words(_ number: Double) -> String { phrase(text(number)) }

  /// Throws `invalidSetting` for a number that the format does not hold.
  func validate(_ number: Double) throws(ShardError) {
    guard !range.contains(number) else { return }
    let known = [range.lowerBound, range.upperBound, usual(1)].map {
      Int(exactly: $0).map { "\($0)" } ?? "\($0)"
    }
    throw .invalidSetting(
      name: key,
      reason: "\(text(number)) is outside \(known[0])…\(known[1]); the usual is \(known[2])")
  }

  /// The counts of entries or draws of a position that the format holds.
  static let counts = 1.0...4096
}
