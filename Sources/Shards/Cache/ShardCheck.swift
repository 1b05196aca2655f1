/// The check of one shard file: its size and hash, its index, every frame decoded.
struct ShardCheck: Sendable {
  /// The findings.
  private(set) var report = VerificationReport()
  /// The bytes that the data's digest takes of the sequences; nil where a frame could not be read.
  private(set) var texts: [UInt8]? = []

  private let number: Int
  private let name: String

  /// Checks the shard at a place of its part, the shard of the given number in the cache.
  ///
  /// Without a codec, because the part's tables are damaged, the file's hash is all.
  init(
    _ place: Int, number: Int, of part: CachePart, in directory: CacheDirectory,
    _ codec: FrameCodec?
  ) {
    self.number = number
    name = part.shards[place].file
    let isWhole = checkDigest(part.shards[place], directory.path(name))
    let whole = VerificationReport.Damage(file: name, unit: number)
    let shard = codec.flatMap { codec in
      report.attempt(whole) { () throws(ShardError) in
        try CacheReader.open(place, of: part, in: directory, codec)
      }
    }
    if let codec, let shard {
      for frame in shard.index.entries.indices {
        check(frame, of: shard, codec)
      }
    } else {
      texts = nil
    }
    // A hash that fails with every frame whole: the index or a byte between is not as written.
    if !isWhole, report.damaged.isEmpty { report.damaged.append(whole) }
  }

  private mutating func checkDigest(_ stated: CacheManifest.Shard, _ path: String) -> Bool {
    do throws(ShardError) {
      let (bytes, sha256) = try ShardFile.digest(path)
      if bytes == stated.bytes, sha256 == stated.sha256 { return true }
      throw .corrupt(
        path: path,
        reason: bytes == stated.bytes
          ? "its SHA-256 is not the one that the manifest states"
          : "it has \(bytes) bytes where the manifest states \(stated.bytes)")
    } catch {
      report.problems.append(error.description)
      return false
    }
  }

  private mutating func check(_ frame: Int, of shard: ShardFile, _ codec: FrameCodec) {
    report.frames += 1
    let place = VerificationReport.Damage(file: name, unit: number, frame: frame)
    let text = report.attempt(place) { () throws(ShardError) in
      let payload = try shard.payload(of: frame)
      return try shard.unpack(frame) { () throws(FrameProblem) in
        let text = try codec.decode(
          payload: payload, identity: shard.index.entries[frame].identity
        ).text
        try shard.index.check(text, frame: frame)
        return text
      }
    }
    if let text { texts?.append(contentsOf: DataDigest.bytes(of: text)) } else { texts = nil }
  }
}
