import Base

/// Everything that decides the bytes of a cache, written before the first shard.
///
/// The keys on disk are the properties' names in snake case.
public struct CaptureConfig: Sendable, Equatable, Codable {
  /// A teacher, for people and for comparison.
  public struct Teacher: Sendable, Equatable, Codable {
    /// The name for people, often a path.
    public var name: String
    /// SHA-256 over its weights and config.
    public var fingerprint: String

    /// A teacher of a name and fingerprint.
    public init(name: String, fingerprint: String) {
      self.name = name
      self.fingerprint = fingerprint
    }
  }

  /// The codec with its number and temperature.
  public var codec: CacheCodec { didSet { grid = codec.kind.gridName } }
  /// The name of the grid that top-k values lie on; nil for other codecs, and for top-k caches of
  /// format version 2.
  public internal(set) var grid: String?
  /// The budget that the threshold was found for; nil where it was given.
  public var budget: CaptureBudget?
  /// V, the number of token ids, of teacher and tokenizer.
  public var vocabularySize: Int
  /// The most records that a sequence may have.
  public var sequenceLength: Int
  /// The number of sequences that go into a shard; each shard is committed on its own.
  public var sequencesPerShard: Int
  /// The zstd level of the frames.
  public var zstdLevel: Int
  /// The version of the zstd library, on which the compressed bytes depend.
  var zstdVersion: String
  /// The seed of every random number.
  public var seed: UInt64
  /// The number of independent draws of every position that are stored, for many epochs.
  public var draws: Int
  /// The teacher.
  public var teacher: Teacher
  /// SHA-256 of the tokenizer.
  public var tokenizerSHA256: String
  /// SHA-256 of the tokenized and packed data.
  public var dataFingerprint: String
  /// Whether a document begins with the BOS token.
  public var bosAdded: Bool
  /// Whether a document ends with the EOS token.
  public var eosAdded: Bool
  /// The arithmetic of the logits: the maker of the products and its version, and the precision.
  public var arithmetic: [String: String]
  /// The teacher's own training at each sequence; nil where it was finished.
  package var maturity: TeacherMaturity?
  /// The tokens that the teacher was made for, where it was let read more at once; else nil.
  public var teacherContext: Int?
  /// SHA-256 of the coding tables' file; the writer fills it in.
  var tablesSHA256: String?

  private enum CodingKeys: String, CodingKey {
    case codec, grid, budget, seed, draws, teacher, arithmetic, maturity
    case vocabularySize = "vocab_size"
    case sequenceLength = "sequence_length"
    case sequencesPerShard = "sequences_per_shard"
    case zstdLevel = "zstd_level"
    case zstdVersion = "zstd_version"
    case tokenizerSHA256 = "tokenizer_sha256"
    case dataFingerprint = "data_fingerprint"
    case bosAdded = "bos_added"
    case eosAdded = "eos_added"
    case teacherContext = "teacher_context"
    case tablesSHA256 = "tables_sha256"
  }

  /// A capture's settings.
  public init(
    codec: CacheCodec, vocabularySize: Int, sequenceLength: Int, sequencesPerShard: Int = 64,
    zstdLevel: Int = 3, seed: UInt64, draws: Int = 1, teacher: Teacher,
    tokenizerSHA256: String, dataFingerprint: String, bosAdded: Bool, eosAdded: Bool,
    arithmetic: [String: String]
  ) {
    self.codec = codec
    grid = codec.kind.gridName
    self.vocabularySize = vocabularySize
    self.sequenceLength = sequenceLength
    self.sequencesPerShard = sequencesPerShard
    self.zstdLevel = zstdLevel
    zstdVersion = ZstdFrame.libraryVersion
    self.seed = seed
    self.draws = draws
    self.teacher = teacher
    self.tokenizerSHA256 = tokenizerSHA256
    self.dataFingerprint = dataFingerprint
    self.bosAdded = bosAdded
    self.eosAdded = eosAdded
    self.arithmetic = arithmetic
  }

  /// The grid of the values: a codec whose grid has a name, but a capture that states none, is of
  /// format version 2, where that was the logarithmic grid.
  var valueGrid: ValueGrid {
    grid == nil && codec.kind.gridName != nil ? .logarithmic : codec.grid
  }

  /// The version of the format that a cache of this capture needs.
  var formatVersion: Int { grid == nil ? 2 : 3 }

  /// Throws `invalidSetting` for what the format cannot hold.
  func validate() throws(ShardError) {
    try codec.validate()
    guard grid == nil || grid == codec.kind.gridName else {
      throw .invalidSetting(
        name: "grid", reason: "\(grid ?? "") is not known here; update codistill")
    }
    try ShardError.check(vocabularySize: vocabularySize)
    try ShardError.check(sequenceLength, "sequence_length", within: 1...(1 << 20))
    try ShardError.check(sequencesPerShard, "sequences_per_shard", within: 1...(1 << 20))
    try ShardError.check(zstdLevel, "zstd_level", within: 1...19)
    try ShardError.check(draws, "draws", within: 1...(codec.isRandom ? 256 : 1))
    try maturity?.validate()
  }
}

/// The budget of a threshold capture for which τ is not given but found.
public enum CaptureBudget: Sendable, Equatable {
  /// Stored entries a position, in expectation.
  case entriesPerToken(Double)
  /// Bytes of all files a position, as predicted.
  case bytesPerToken(Double)
}

extension CaptureBudget: Codable {
  private enum CodingKeys: String, CodingKey {
    case entriesPerToken = "entries_per_token"
    case bytesPerToken = "bytes_per_token"
  }

  /// Reads the object that `encode(to:)` writes.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    if let entries = try values.decodeIfPresent(Double.self, forKey: .entriesPerToken) {
      self = .entriesPerToken(entries)
    } else {
      self = .bytesPerToken(try values.decode(Double.self, forKey: .bytesPerToken))
    }
  }

  /// Writes `{"entries_per_token": …}` or `{"bytes_per_token": …}`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .entriesPerToken(let entries): try values.encode(entries, forKey: .entriesPerToken)
    case .bytesPerToken(let bytes): try values.encode(bytes, forKey: .bytesPerToken)
    }
  }
}

/// The course of a teacher's own training, for caches that are written during it.
///
/// The sequences of such a cache lie in the order of the training, so that three numbers tell the
/// step of each.
package struct TeacherMaturity: Sendable, Equatable, Codable {
  /// The updates that the teacher had made before the first sequence.
  package var firstStep: Int
  /// The sequences of a step of its training.
  package var sequencesPerStep: Int
  /// The updates that it made in all.
  package var steps: Int

  private enum CodingKeys: String, CodingKey {
    case firstStep = "first_step"
    case sequencesPerStep = "sequences_per_step"
    case steps
  }

  /// The maturity of a teacher's captured training.
  package init(firstStep: Int, sequencesPerStep: Int, steps: Int) {
    self.firstStep = firstStep
    self.sequencesPerStep = sequencesPerStep
    self.steps = steps
  }

  /// The updates that the teacher had made before the sequence of a number in its part.
  package func step(of ordinal: Int) -> Int { firstStep + ordinal / sequencesPerStep }

  /// The share of its training that the teacher had behind it, from 0 to 1.
  package func share(of ordinal: Int) -> Double {
    min(1, Double(step(of: ordinal)) / Double(steps))
  }

  /// Throws `invalidSetting` for numbers that describe no training.
  func validate() throws(ShardError) {
    let most = 1 << 40
    guard (1...most).contains(steps), (0..<steps).contains(firstStep),
      (1...most).contains(sequencesPerStep)
    else {
      throw .invalidSetting(
        name: "maturity",
        reason: "first_step \(firstStep) of \(steps) steps with \(sequencesPerStep) sequences each"
          + " describe no training")
    }
  }
}

/// The tie between a shard and its capture: the first 8 bytes of the SHA-256 of the capture's JSON.
///
/// The teacher's name is left out: it is a path, and other machines have other ones. Shard
/// indexes hold the bytes; manifests and `capture.json` the same as hexadecimal digits.
struct CaptureFingerprint: Sendable, Equatable {
  /// The bytes as a little-endian number.
  let number: UInt64

  /// The fingerprint of a number.
  init(number: UInt64) { self.number = number }

  /// The fingerprint of a capture's settings.
  init(_ capture: CaptureConfig) throws(ShardError) {
    var nameless = capture
    nameless.teacher.name = ""
    number = Digest(of: try CacheJSON.encode(nameless)).number
  }

  /// Reads 16 lower-case hexadecimal digits; nil for anything else.
  init?(hexadecimal: String) {
    guard hexadecimal.utf8.count == 16, hexadecimal == hexadecimal.lowercased(),
      let number = UInt64(hexadecimal, radix: 16)
    else { return nil }
    self.number = number.byteSwapped
  }

  /// The bytes in file order as 16 hexadecimal digits.
  var hexadecimal: String { number.byteSwapped.hexadecimal }
}
