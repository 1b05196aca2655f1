import Base
import Shards
import Tensors
import Text

/// The frames of one codec, for the sequences that were looked at.
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
  /// The frames of the sequences that the tables are calibrated on.
  private var calibration: [Frame] = []
  /// The frames of sequences between them.
  private var others: [Frame] = []
  /// Whether the calibration's frames are those of the cache, and not of parts of its sequences.
  private var areWhole = true
  /// The ratio of frames' sizes to those of the calibration's frames, which the tables suit best.
  private var optimism = 1.0

  init(_ capture: CaptureConfig) { self.capture = capture }

  /// All frames that were made.
  private var frames: [Frame] { calibration + others }
  /// The positions in them.
  var tokens: Int { frames.reduce(0) { $0 + $1.bytes.recordCount } }
  /// The seconds of making their targets and of encoding them, on one thread.
  var seconds: Double { frames.reduce(0) { $0 + $1.seconds } }

  /// Makes the tables, and the frames that they are calibrated on; dense ones have no tables.
  ///
  /// `areWhole` tells whether these are whole sequences, `isAll` whether there are no others.
  mutating func begin(
    _ captures: [TimedCapture], areWhole: Bool = true, isAll: Bool = false,
    tables: ((_ captures: [TimedCapture]) throws -> CodingTables)?
  ) throws {
    let sizing = try CacheSizing(capture, tables: try tables?(captures))
    self.sizing = sizing
    self.areWhole = areWhole
    calibration = try Self.frames(captures, sizing)
    guard let tables, captures.count >= 4, !isAll else { return }
    optimism = try Self.optimism(captures, own: calibration, capture, tables)
  }

  /// Returns the factor by which frames grow under tables that were not calibrated on them.
  ///
  /// Each of some folds is encoded with the tables of all others. Those tables come from fewer
  /// sequences than the cache's and suit others a little worse; a tenth of the excess makes up for
  /// it.
  private static func optimism(
    _ captures: [TimedCapture], own: [Frame], _ capture: CaptureConfig,
    _ tables: ([TimedCapture]) throws -> CodingTables
  ) throws -> Double {
    let count = min(8, captures.count)
    let crossed = try Parallel.map(count) { fold in
      let others = captures.indices.filter { $0 % count != fold }.map { captures[$0] }
      let sizing = try CacheSizing(capture, tables: try tables(others))
      return try captures.indices.filter { $0 % count == fold }.reduce(0) {
        $0 + (try sizing.codec.encode(captures[$1].sequence).bytes.count)
      }
    }
    let excess = Double(crossed.reduce(0, +)) / max(1, own.reduce(0) { $0 + $1.size }) - 1
    return 1 + max(0, 0.9 * excess)
  }

  /// Makes the frames of further sequences.
  mutating func add(_ captures: [TimedCapture]) throws {
    guard let sizing else { return }
    others += try Self.frames(captures, sizing)
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

  /// The size of the whole cache: the frames that are known, and the mean for the rest.
  func size(of sequences: [PackedSequence]) throws(ShardError) -> CapturePlan.Size {
    let tokens = sequences.reduce(0) { $0 + $1.predictionCount }
    let known = areWhole ? frames : []
    let rest = Double(max(0, tokens - known.reduce(0) { $0 + $1.bytes.recordCount }))
    let sample =
      calibration.map { (size: $0.size * optimism, records: $0.records) }
      + others.map { (size: $0.size, records: $0.records) }
    let records = max(1, sample.reduce(0) { $0 + $1.records })
    let perToken = sample.reduce(0) { $0 + $1.size } / records
    let bytes =
      try sizing?.fileBytes(
        frames: Int((known.reduce(0) { $0 + $1.size } + perToken * rest).rounded()),
        sequences: sequences.count, tokens: tokens) ?? 0
    let entries = frames.reduce(0) { $0 + Double($1.entries) } / records
    return CapturePlan.Size(
      codec: capture.codec, entriesPerToken: entries, bytes: bytes,
      bytesPerToken: Double(bytes) / Double(max(tokens, 1)),
      uncertainty: rest == 0 ? 0 : Self.error(of: perToken, in: sample, for: rest) / Double(bytes))
  }

  /// Half the 95 % interval of the bytes of so many tokens that were not looked at.
  ///
  /// The mean of the sample errs, and so does that of the rest (Cochran, Sampling Techniques, 3rd
  /// ed., §6.4). The sample is spread evenly, which is at least as good as random where
  /// neighbouring texts are alike.
  private static func error(
    of perToken: Double, in sample: [(size: Double, records: Double)], for tokens: Double
  ) -> Double {
    let count = Double(sample.count)
    guard count > 1 else { return .infinity }
    let squares = sample.reduce(0) {
      let residual = $1.size - perToken * $1.records
      return $0 + residual * residual
    }
    let records = sample.reduce(0) { $0 + $1.records }
    let deviation = (squares / (count - 1) / count).squareRoot() / (records / count)
    return 1.96 * deviation * tokens * (1 + records / tokens).squareRoot()
  }

  /// Measures the positions a second that one thread reads.
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
  /// The number of values that the targets store.
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

/// Everything that a plan has looked at: frames by codec, and the teacher's time for them.
struct PlanSample {
  /// The frames of each codec.
  var codecs: [CodecSample]
  /// The number of predictions of each sequence that were looked at; nil for all.
  var cut: Int?
  /// The positions that the teacher has run over.
  private(set) var tokens = 0
  private var teacherSeconds = 0.0
  init(codecs: [CodecSample]) { self.codecs = codecs }

  /// The seconds of a thread in the teacher's forward pass, a position.
  var teacherSecondsPerToken: Double { teacherSeconds / Double(max(tokens, 1)) }

  /// Adds the time of the teacher's pass over a sequence of so many positions.
  mutating func count(_ surveyed: SurveyedSequence, tokens count: Int) {
    tokens += count
    teacherSeconds += surveyed.teacherSeconds
  }

  /// Begins every codec's frames with the sequences that its tables are calibrated on.
  mutating func begin(
    _ calibration: [SurveyedSequence], isAll: Bool, records: Int, text: some Sequence<Int32>,
    kinds: [UInt8]?
  ) throws {
    for index in codecs.indices {
      let capture = codecs[index].capture
      try codecs[index].begin(
        calibration.map { $0.targets(index) }, areWhole: cut == nil, isAll: isAll && cut == nil
      ) { chosen throws(ShardError) in
        try CodingTables(
          calibrating: chosen.map(\.sequence), records: records, text: text, kinds: kinds,
          capture: capture)
      }
    }
  }

  /// Adds other sequences to every codec's frames.
  mutating func add(_ surveyed: [SurveyedSequence]) throws {
    for index in codecs.indices { try codecs[index].add(surveyed.map { $0.targets(index) }) }
  }
}
