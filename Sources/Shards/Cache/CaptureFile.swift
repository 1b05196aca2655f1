import Base

/// The contents of `capture.json`, the mark of a part in the making; all its workers compare it.
struct CaptureFile: Codable {
  /// The version of the format.
  var formatVersion: Int
  /// What decides the bytes.
  var capture: CaptureConfig
  /// The fingerprint of the capture, in 16 hexadecimal digits.
  var fingerprint: String
  /// The sequences of the whole part; nil where its writer learns the number at the end.
  var sequences: Int?

  private enum CodingKeys: String, CodingKey {
    case capture, fingerprint, sequences
    case formatVersion = "format_version"
  }

  init(capture: CaptureConfig, sequences: Int?) throws(ShardError) {
    self.capture = capture
    formatVersion = capture.formatVersion
    self.sequences = sequences
    fingerprint = try CaptureFingerprint(capture).hexadecimal
  }

  /// Reads the file of a folder; throws `corrupt` or `unsupportedVersion`.
  init(_ directory: CacheDirectory) throws(ShardError) {
    let path = directory.path(CacheDirectory.capture)
    let bytes = try directory.read(CacheDirectory.capture)
    self = try CacheJSON.decode(Self.self, bytes, path: path)
    do { try capture.validate() } catch { throw .corrupt(path: path, reason: error.description) }
    guard CaptureFingerprint(hexadecimal: fingerprint) != nil, sequences ?? 1 > 0 else {
      throw .corrupt(path: path, reason: "its fingerprint or its count makes no sense")
    }
  }
}
