import Shards
import Tensors
import Text

/// What the frames of one codec took, for the sequences that were looked at.
struct CodecSample {
  /// One frame.
  struct Frame {
    let bytes: EncodedFrame
    let entries: Int
    let seconds: Double

    var records: Double { Double(bytes.recordCount) }
    var size: Double { Double(bytes.bytes.count) }
  }

  let capture: CaptureConfig
  private(set) var sizing: CacheSizing?
  /// The frames of the sequences at the start, which the tables are calibrated on.
  private(set) var prefix: [Frame] = []
  /// The frames of sequences from everywhere behind.
  private(set) var spread: [Frame] = []

  init(_ capture: CaptureConfig) { self.capture = capture }

  /// All frames that were made.
  var frames: [Frame] { prefix + spread }
  /// The positions in them.
  var tokens: Int { frames.reduce(0) { $0 + $1.bytes.recordCount } }
  /// The seconds of making their targets and of encoding them, on one thread.
  var seconds: Double { frames.reduce(0) { $0 + $1.seconds } }

  /// Calibrates the tables, and makes the frames that they are calibrated on.
  ///
  /// Frames of whole sequences are those of the cache; others only tell what such frames take.
  mutating func begin(_ captures: [TimedCapture], areWhole: Bool = true) throws {
    let tables =
      capture.codec.isSparse
      ? try CodingTables(calibrating: captures.map(\.sequence), capture: capture) : nil
    let sizing = try CacheSizing(capture, tables: tables)
    self.sizing = sizing
    let frames = try Self.frames(captures, sizing)
    if areWhole { prefix = frames } else { spread = frames }
  }

  /// Makes the frames of further sequences.
  mutating func add(_ captures: [TimedCapture]) throws {
    guard let sizing else { return }
    spread += try Self.frames(captures, sizing)
  }

  private static func frames(
    _ captures: [TimedCapture], _ sizing: CacheSizing
  ) throws -> [Frame] {
    try Parallel.map(captures.count) { index in
      let (began, sequence) = (ContinuousClock.now, captures[index].sequence)
      let frame = try sizing.codec.encode(sequence)
      return Frame(
        bytes: frame, entries: sequence.draws.reduce(0) { $0 + $1.entryCount },
        seconds: captures[index].seconds + (ContinuousClock.now - began) / .seconds(1))
    }
  }

  /// The size of the whole cache: what is known of the start, and the mean of the rest.
  func size(of sequences: [PackedSequence]) throws(ShardError) -> CapturePlan.Size {
    let tokens = sequences.reduce(0) { $0 + $1.predictionCount }
    let restTokens = max(0, tokens - prefix.reduce(0) { $0 + $1.bytes.recordCount })
    let sample = spread.isEmpty ? prefix : spread
    let perToken = Self.ratio(sample, \.size)
    let frameBytes = prefix.reduce(0) { $0 + $1.size } + perToken * Double(restTokens)
    let bytes =
      try sizing?.fileBytes(
        frames: Int(frameBytes.rounded()), sequences: sequences.count, tokens: tokens) ?? 0
    let entries = prefix.reduce(0) { $0 + Double($1.entries) }
    let entriesPerToken = Self.ratio(sample) { Double($0.entries) }
    let restError = restTokens == 0 ? 0 : error(of: perToken, in: sample, tokens: restTokens)
    return CapturePlan.Size(
      codec: capture.codec,
      entriesPerToken: (entries + entriesPerToken * Double(restTokens)) / Double(max(tokens, 1)),
      bytes: bytes, bytesPerToken: Double(bytes) / Double(max(tokens, 1)),
      uncertainty: restError / Double(max(bytes, 1)))
  }

  private static func ratio(_ frames: [Frame], _ amount: (Frame) -> Double) -> Double {
    frames.reduce(0) { $0 + amount($1) } / max(1, frames.reduce(0) { $0 + $1.records })
  }

  /// Half the 95 % interval of the rest's bytes: a ratio estimator's, without replacement.
  ///
  /// Cochran, Sampling Techniques, 3rd ed., §6.4. The sample is spread evenly, which is at least as
  /// good as random where neighbouring texts are alike.
  private func error(of perToken: Double, in sample: [Frame], tokens: Int) -> Double {
    let count = Double(sample.count)
    guard count > 1 else { return .infinity }
    let squares = sample.reduce(0) {
      let residual = $1.size - perToken * $1.records
      return $0 + residual * residual
    }
    let seen = spread.isEmpty ? 0 : sample.reduce(0) { $0 + $1.records }
    let unseenShare = max(0, 1 - seen / Double(tokens))
    let deviation = (squares / (count - 1) * unseenShare / count).squareRoot()
    return 1.96 * deviation * Double(tokens) / max(1, sample.reduce(0) { $0 + $1.records } / count)
  }

  /// How many positions a second one thread reads.
  func readingSpeed(seconds enough: Double = 0.2) throws -> Double {
    guard let sizing else { return .infinity }
    let (clock, began) = (ContinuousClock(), ContinuousClock.now)
    var (records, elapsed) = (0, 0.0)
    repeat {
      for frame in frames where elapsed < enough {
        records += try sizing.decode(frame.bytes).text.recordCount
        elapsed = (clock.now - began) / .seconds(1)
      }
    } while elapsed < enough && records > 0
    return Double(records) / elapsed
  }
}

extension Targets {
  /// How many numbers the targets store.
  fileprivate var entryCount: Int {
    switch self {
    case .sparse(let rows): rows.ids.count
    case .dense(let rows): rows.count * rows.vocabularySize
    }
  }
}

extension CaptureConfig {
  /// The same capture with another codec.
  func with(_ codec: CacheCodec) -> CaptureConfig {
    var other = self
    other.codec = codec
    if !codec.isRandom { other.draws = 1 }
    return other
  }
}
