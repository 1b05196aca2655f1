/// Encodes frames of a cache that is not written, and says how large the written one would be.
///
/// `codistill plan` and budgets rest on it: the frames are the real ones, bit for bit.
package struct CacheSizing: Sendable {
  /// The codec of the frames.
  package let codec: FrameCodec
  private let capture: CaptureConfig
  private let tablesBytes: Int

  /// The sizing of captures of these settings, with the tables that they would have.
  package init(_ capture: CaptureConfig, tables: CodingTables?) throws(ShardError) {
    codec = try FrameCodec(capture, tables: tables)
    let (capture, file) = try capture.with(tables)
    self.capture = capture
    tablesBytes = file?.count ?? 0
  }

  /// The bytes of all the files of a cache whose frames take so many.
  package func fileBytes(frames frameBytes: Int, sequences: Int, tokens: Int) throws(ShardError)
    -> Int
  {
    let shards = (sequences + capture.sequencesPerShard - 1) / capture.sequencesPerShard
    let indexes = ShardIndex.size(count: 0) * shards + ShardIndex.entrySize * sequences
    return frameBytes + indexes + tablesBytes
      + (try descriptionBytes(shards: max(shards, 1), tokens: tokens, bytes: frameBytes))
  }

  /// The manifest and `SHA256SUMS`; many shards take as much each as the first ones do.
  private func descriptionBytes(
    shards: Int, tokens: Int, bytes: Int
  ) throws(ShardError) -> Int {
    let fingerprint = try CaptureFingerprint(capture)
    func size(_ count: Int) throws(ShardError) -> Int {
      let part = CachePart(
        capture: capture, fingerprint: fingerprint,
        shards: (0..<count).map {
          CacheManifest.Shard(
            file: CacheDirectory.shard($0), sequences: capture.sequencesPerShard,
            tokens: tokens / shards, bytes: bytes / shards,
            sha256: String(repeating: "0", count: 64))
        }, tablesBytes: tablesBytes)
      let manifest = CacheManifest(parts: [part])
      let encoded = try CacheJSON.encode(manifest)
      return encoded.count + manifest.checksums(manifestBytes: encoded).count
    }
    let made = min(shards, 64)
    let whole = try size(made)
    guard shards > made else { return whole }
    return whole + (shards - made) * (whole - (try size(1))) / (made - 1)
  }

  /// Unpacks a frame, as reading it from a cache would.
  package func decode(_ frame: EncodedFrame) throws(ShardError) -> CachedSequence {
    do {
      let payload = try ZstdFrame.decompress(frame.bytes, size: frame.payloadSize)
      return try codec.decode(payload: payload, identity: frame.identity)
    } catch {
      throw .invalidSequence(reason: "its frame cannot be read back: \(error.reason)")
    }
  }
}
