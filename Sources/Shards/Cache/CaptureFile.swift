package import Foundation

/// The contents of `capture.json`, the mark of a part in the making; all its workers compare it.
struct CaptureFile: Codable {
  /// The version of the format.
  var formatVersion: Int
  /// The settings that decide the bytes.
  var capture: CaptureConfig
  /// The fingerprint of the capture, in 16 hexadecimal digits.
  var fingerprint: String
  /// The sequences of the whole part; nil where its writer learns the number at the end.
  var sequences: Int?

  private enum CodingKeys: String, CodingKey {
    case capture, fingerprint, sequences
    case formatVersion = "format_version"
  }

  /// The file of a capture of so many sequences, if their number is known.
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

extension CacheDirectory {
  /// The captures of the folder's parts, finished ones and the one in the making.
  func captures() throws(ShardError) -> [CaptureConfig] {
    // What is damaged is for `repair`, which asks here too.
    let finished = (try? validManifest())?.parts.map(\.capture) ?? []
    guard exists(Self.capture) else { return finished }
    return finished + [try CaptureFile(self).capture]
  }
}

extension CaptureConfig {
  /// The first setting in which another capture differs; where the teacher lies makes none.
  func firstDifference(
    from other: CaptureConfig
  ) throws(ShardError) -> (key: String, found: String, expected: String)? {
    var named = other
    named.teacher.name = teacher.name
    return try CacheJSON.firstDifference(self, named)
  }

  /// Throws `captureMismatch`, naming a file and the key, unless another capture gives equal bytes.
  func require(_ other: CaptureConfig, _ path: String) throws(ShardError) {
    guard let difference = try firstDifference(from: other) else { return }
    throw .captureMismatch(
      path: path, key: difference.key, found: difference.found, expected: difference.expected)
  }

  /// The τ that a capture of this budget and of otherwise the same settings was begun with in a
  /// folder; nil where nothing or something else is there.
  package func thresholdFound(in url: URL) throws(ShardError) -> Double? {
    for stored in try CacheDirectory(url).captures() {
      guard let threshold = stored.codec.threshold else { continue }
      var wanted = self
      (wanted.codec, wanted.tablesSHA256) = (stored.codec, stored.tablesSHA256)
      if try stored.firstDifference(from: wanted) == nil { return threshold }
    }
    return nil
  }
}
