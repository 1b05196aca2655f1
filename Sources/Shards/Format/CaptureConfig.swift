/// Everything that decides the bytes of a cache, written before the first shard.
///
/// The keys on disk are the properties' names in snake case.
public struct CaptureConfig: Sendable, Equatable, Codable {
  /// A teacher, for people and for comparison.
  public struct Teacher: Sendable, Equatable, Codable {
    /// What the teacher is called.
    public var name: String
    /// SHA-256 over its weights and config.
    public var fingerprint: String

    /// A teacher of a name and fingerprint.
    public init(name: String, fingerprint: String) {
      self.name = name
      self.fingerprint = fingerprint
    }
  }

  /// The codec with its threshold and temperature.
  public var codec: CacheCodec { didSet { grid = ValueGrid.name(for: codec) } }
  /// The name of the grid that top-k values lie on; nil for other codecs, and for top-k caches of
  /// format version 2.
  public internal(set) var grid: String?
  /// What the threshold was found for; nil where it was given.
  public var budget: CaptureBudget?
  /// V, the number of token ids, of teacher and tokenizer.
  public var vocabularySize: Int
  /// The most records that a sequence may have.
  public var sequenceLength: Int
  /// How many sequences go into a shard; each shard is committed on its own.
  public var sequencesPerShard: Int
  /// The zstd level of the frames.
  public var zstdLevel: Int
  /// The version of the zstd library, on which the compressed bytes depend.
  public var zstdVersion: String
  /// The seed of every random number.
  public var seed: UInt64
  /// How many independent draws of every position are stored, for training over many epochs.
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
  /// What computed the logits: the maker of the products and its version, and the precision.
  public var arithmetic: [String: String]
  /// How far the teacher's training was at each sequence; nil where it was finished.
  public var maturity: TeacherMaturity?
  /// The tokens that the teacher was made for, where it was let read more at once; else nil.
  public var teacherContext: Int?
  /// SHA-256 of the coding tables' file; the writer fills it in.
  public internal(set) var tablesSHA256: String?

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
    grid = ValueGrid.name(for: codec)
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
    tablesSHA256 = nil
  }

  /// The version of the format that a cache of this capture needs.
  var formatVersion: Int { grid == nil ? 2 : 3 }

  /// Throws `invalidSetting` for what the format cannot hold.
  func validate() throws(ShardError) {
    try codec.validate()
    guard grid == nil || grid == ValueGrid.name(for: codec) else {
      throw .invalidSetting(
        name: "grid", reason: "\(grid ?? "") is not known here; update codistill")
    }
    try Self.validate(vocabularySize: vocabularySize)
    try Self.check(sequenceLength, "sequence_length", within: 1...(1 << 20))
    try Self.check(sequencesPerShard, "sequences_per_shard", within: 1...(1 << 20))
    try Self.check(zstdLevel, "zstd_level", within: 1...19)
    try Self.check(draws, "draws", within: 1...(codec.isRandom ? 256 : 1))
    try maturity?.validate()
  }

  /// Throws `invalidSetting` unless ids of this vocabulary fit the format.
  static func validate(vocabularySize: Int) throws(ShardError) {
    try check(vocabularySize, "vocab_size", within: 2...(1 << 24))
  }

  private static func check(
    _ value: Int, _ name: String, within range: ClosedRange<Int>
  ) throws(ShardError) {
    guard range.contains(value) else {
      throw .invalidSetting(
        name: name, reason: "\(value) is outside \(range.lowerBound)…\(range.upperBound)")
    }
  }
}
