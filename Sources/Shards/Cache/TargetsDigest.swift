import Base

extension CacheManifest {
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
  /// The capture with a fixed value for all that changes no target.
  fileprivate var decidingTargets: CaptureConfig {
    var capture = self
    (capture.teacher.name, capture.budget) = ("", nil)
    (capture.sequencesPerShard, capture.zstdLevel, capture.zstdVersion) = (0, 0, "")
    return capture
  }
}
