import Foundation

/// What a finished cache says about itself: written last, so that its presence means completeness.
public struct CacheManifest: Sendable, Equatable, Codable {
  /// The version of the format that this module writes.
  public static let formatVersion = 1

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
  public let formatVersion: Int
  /// What decided the bytes.
  public let capture: CaptureConfig
  /// The number of sequences.
  public let sequences: Int
  /// The number of records: positions with targets.
  public let tokens: Int
  /// The bytes of the shards and the tables.
  public let bytes: Int
  /// `bytes` over `tokens`.
  public let bytesPerToken: Double
  /// The shard files, in the order of their sequences.
  public let shards: [Shard]

  private enum CodingKeys: String, CodingKey {
    case capture, sequences, tokens, bytes, shards
    case formatVersion = "format_version"
    case bytesPerToken = "bytes_per_token"
  }

  init(capture: CaptureConfig, shards: [Shard], tablesBytes: Int) {
    formatVersion = Self.formatVersion
    self.capture = capture
    self.shards = shards
    sequences = shards.reduce(0) { $0 + $1.sequences }
    tokens = shards.reduce(0) { $0 + $1.tokens }
    bytes = shards.reduce(tablesBytes) { $0 + $1.bytes }
    bytesPerToken = Double(bytes) / Double(max(tokens, 1))
  }

  /// Reads a manifest; throws `corrupt` or `unsupportedVersion`, naming the file.
  init(_ bytes: [UInt8], path: String) throws(ShardError) {
    self = try CacheJSON.decode(Self.self, bytes, path: path)
    do { try capture.validate() } catch { throw .corrupt(path: path, reason: error.description) }
    try checkShards(path)
  }

  private func checkShards(_ path: String) throws(ShardError) {
    for (number, shard) in shards.enumerated() {
      // One name a shard and no other: nothing can point outside the folder.
      guard shard.file == CacheDirectory.shard(number) else {
        throw .corrupt(
          path: path,
          reason: "shard \(number) is named \(shard.file.debugDescription),"
            + " not \(CacheDirectory.shard(number))")
      }
      guard shard.sequences > 0, shard.sequences <= capture.sequencesPerShard, shard.tokens > 0,
        shard.tokens <= shard.sequences * capture.sequenceLength, shard.bytes > 0
      else { throw .corrupt(path: path, reason: "\(shard.file) has impossible counts") }
    }
    guard sequences == shards.reduce(0, { $0 + $1.sequences }),
      tokens == shards.reduce(0, { $0 + $1.tokens })
    else { throw .corrupt(path: path, reason: "its counts are not those of its shards") }
  }
}

/// The contents of `capture.json`, the mark of a cache in the making.
struct CaptureFile: Codable {
  var formatVersion = CacheManifest.formatVersion
  var capture: CaptureConfig

  private enum CodingKeys: String, CodingKey {
    case capture
    case formatVersion = "format_version"
  }
}
