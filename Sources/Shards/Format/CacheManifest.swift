import Base

/// The manifest of a finished cache: written last, so that its presence means completeness.
public struct CacheManifest: Sendable, Equatable, Codable {
  /// The versions of the format that this module reads and, each where it is enough, writes.
  static let formatVersions = 2...3

  /// One shard file.
  public struct Shard: Sendable, Equatable, Codable {
    /// The file's name, without a folder.
    public var file: String
    /// The number of sequences, one a frame.
    public var sequences: Int
    /// The number of records: positions with targets.
    public var tokens: Int
    /// The file's size.
    public var bytes: Int
    /// The file's SHA-256 in hexadecimal.
    public var sha256: String
  }

  /// The version of the format.
  let formatVersion: Int
  /// The number of sequences.
  public let sequences: Int
  /// The number of records: positions with targets.
  public let tokens: Int
  /// The bytes of the shards and the tables.
  public let bytes: Int
  /// `bytes` over `tokens`.
  public let bytesPerToken: Double
  /// The captures that the cache is made of, in the order of their sequences; at least one.
  public let parts: [CachePart]

  private enum CodingKeys: String, CodingKey {
    case sequences, tokens, bytes, parts
    case formatVersion = "format_version"
    case bytesPerToken = "bytes_per_token"
  }

  /// The manifest of at least one part, which it numbers.
  init(parts: [CachePart]) {
    precondition(!parts.isEmpty, "a cache has at least one part")
    var (numbered, shards) = ([CachePart](), 0)
    for part in parts {
      numbered.append(part.renumbered(from: shards))
      shards += part.shards.count
    }
    formatVersion = parts.map(\.capture.formatVersion).max() ?? 2
    self.parts = numbered
    sequences = parts.reduce(0) { $0 + $1.sequences }
    tokens = parts.reduce(0) { $0 + $1.tokens }
    bytes = parts.reduce(0) { $0 + $1.bytes }
    bytesPerToken = Double(bytes) / Double(max(tokens, 1))
  }

  /// Decodes a manifest of at least one part.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    formatVersion = try values.decode(Int.self, forKey: .formatVersion)
    sequences = try values.decode(Int.self, forKey: .sequences)
    tokens = try values.decode(Int.self, forKey: .tokens)
    bytes = try values.decode(Int.self, forKey: .bytes)
    bytesPerToken = try values.decode(Double.self, forKey: .bytesPerToken)
    parts = try values.decode([CachePart].self, forKey: .parts)
    guard !parts.isEmpty else {
      throw DecodingError.dataCorruptedError(
        forKey: .parts, in: values, debugDescription: "it has no parts")
    }
  }

  /// The settings of the first part; all parts agree in teacher, tokenizer and codec.
  public var capture: CaptureConfig { parts[0].capture }

  /// The most records that a sequence of any part may have.
  package var longestSequence: Int {
    parts.reduce(0) { max($0, $1.capture.sequenceLength) }
  }

  /// The shard files of all parts, in the order of their sequences.
  public var shards: [Shard] { parts.flatMap(\.shards) }

  /// Reads a manifest; throws `corrupt` or `unsupportedVersion`, naming the file.
  init(_ bytes: [UInt8], path: String) throws(ShardError) {
    self = try CacheJSON.decode(Self.self, bytes, path: path)
    var firstShard = 0
    for part in parts {
      try part.check(firstShard: firstShard, path: path)
      firstShard += part.shards.count
    }
    guard sequences == parts.reduce(0, { $0 + $1.sequences }),
      tokens == parts.reduce(0, { $0 + $1.tokens }),
      self.bytes == parts.reduce(0, { $0 + $1.bytes })
    else { throw .corrupt(path: path, reason: "its counts are not those of its parts") }
    for (number, part) in parts.enumerated().dropFirst() {
      if try capture.firstConflict(with: part.capture) != nil {
        throw .corrupt(path: path, reason: "part \(number) is not of the same teacher and codec")
      }
    }
  }
}

extension CacheManifest {
  /// A warning where documents beside this cache's are given BOS or EOS otherwise.
  ///
  /// - Parameters:
  ///   - bos: Whether BOS is added to them.
  ///   - eos: Whether EOS is added to them.
  /// - Returns: One phrase; nil where all are alike.
  package func note(addingBOS bos: Bool, addingEOS eos: Bool) -> String? {
    let marks: [(name: String, isAdded: Bool, part: KeyPath<CaptureConfig, Bool>)] = [
      ("BOS", bos, \.bosAdded), ("EOS", eos, \.eosAdded),
    ]
    let differing = marks.filter { mark in
      parts.contains { $0.capture[keyPath: mark.part] != mark.isAdded }
    }
    guard !differing.isEmpty else { return nil }
    return differing.map {
      "\($0.name) was \($0.isAdded ? "not " : "")added there and is \($0.isAdded ? "" : "not ")added here"
    }.joined(separator: "; ") + ": students see documents of both kinds"
  }

  /// A SHA-256 in hexadecimal that tells the cache's targets from those of another cache, be it of
  /// the same text and teacher.
  ///
  /// It is made of the parts' captures without what changes no target: the teacher's name, how τ
  /// was found, the size of the shards and the compression.
  ///
  /// - Returns: The digest.
  /// - Throws: `invalidSetting` for a capture that no JSON holds, which no cache has.
  package func targetsDigest() throws(ShardError) -> String {
    var hash = Digest()
    for part in parts { hash.append(try CacheJSON.encode(part.capture.decidingTargets)) }
    return hash.hexadecimal
  }
}

extension CaptureConfig {
  /// The first setting, by key, in which a capture cannot share a cache with this one.
  func firstConflict(
    with other: CaptureConfig
  ) throws(ShardError) -> (key: String, found: String, expected: String)? {
    // What belongs to one capture alone is taken from this one.
    var shared = self
    shared.teacher.fingerprint = other.teacher.fingerprint
    shared.vocabularySize = other.vocabularySize
    shared.tokenizerSHA256 = other.tokenizerSHA256
    (shared.codec, shared.grid) = (other.codec, other.grid)
    shared.draws = other.draws
    // Parts are nearly always alike, and there may be many.
    if shared == self { return nil }
    return try CacheJSON.firstDifference(shared, self)
  }

  /// The capture with a fixed value for all that changes no target.
  fileprivate var decidingTargets: CaptureConfig {
    var capture = self
    (capture.teacher.name, capture.budget) = ("", nil)
    (capture.sequencesPerShard, capture.zstdLevel, capture.zstdVersion) = (0, 0, "")
    return capture
  }
}
