import Base

/// A finished shard file: its index in memory, its frames read and checked one at a time.
struct ShardFile: Sendable {
  let path: String
  let index: ShardIndex

  /// Reads the index; throws `corrupt` where it does not hold together.
  init(_ path: String, limits: ShardIndex.Limits) throws(ShardError) {
    self.path = path
    let file = try OpenFile(reading: path)
    let fileSize = try file.size()
    guard fileSize >= ShardIndex.size(count: 0) else {
      throw .corrupt(path: path, reason: "\(fileSize) bytes are no shard (truncated)")
    }
    let footer = try file.read(
      at: fileSize - ShardIndex.footerSize, count: ShardIndex.footerSize)
    do {
      let size = try ShardIndex.size(footer: footer, fileSize: fileSize)
      let bytes = try Self.read(file, at: fileSize - size, count: size)
      index = try ShardIndex(bytes, fileSize: fileSize, limits: limits)
    } catch let problem as FrameProblem {
      throw .corrupt(path: path, reason: problem.reason)
    } catch let error as ShardError {
      throw error
    } catch {
      throw .corrupt(path: path, reason: "\(error)")
    }
  }

  private static func read(
    _ file: borrowing OpenFile, at offset: Int, count: Int
  ) throws(ShardError) -> [UInt8] {
    try file.read(at: offset, count: count)
  }

  /// The payload of a frame, after its hash and its sizes were checked.
  func payload(of frame: Int) throws(ShardError) -> [UInt8] {
    let entry = index.entries[frame]
    let bytes = try OpenFile(reading: path).read(at: entry.offset, count: entry.storedSize)
    guard ShardIndex.hash(bytes) == entry.hash else {
      throw corrupt(frame, "its bytes do not have the hash that the index states")
    }
    return try unpack(frame) { () throws(FrameProblem) in
      try ZstdFrame.decompress(bytes, size: entry.payloadSize)
    }
  }

  /// Runs a decoding step, and adds to its problem where it lies.
  func unpack<T>(
    _ frame: Int, _ step: () throws(FrameProblem) -> T
  ) throws(ShardError) -> T {
    do { return try step() } catch { throw corrupt(frame, error.reason) }
  }

  private func corrupt(_ frame: Int, _ reason: String) -> ShardError {
    .corrupt(path: path, reason: "frame \(frame): \(reason)")
  }

  /// The size and SHA-256 of the file, if every frame has the hash that the index states.
  ///
  /// One reading serves both: frames tile the file up to the index.
  func digestOfWholeFrames() throws(ShardError) -> (bytes: Int, sha256: String) {
    let file = try OpenFile(reading: path)
    var (hash, offset) = (Digest(), 0)
    for (frame, entry) in index.entries.enumerated() {
      let bytes = try file.read(at: entry.offset, count: entry.storedSize)
      guard ShardIndex.hash(bytes) == entry.hash else {
        throw corrupt(frame, "its bytes do not have the hash that the index states")
      }
      hash.append(bytes)
      offset += bytes.count
    }
    let end = try file.read(at: offset, count: try file.size() - offset)
    hash.append(end)
    return (offset + end.count, hash.hexadecimal)
  }

  /// The size and SHA-256 of a file, read piece by piece.
  static func digest(_ path: String) throws(ShardError) -> (bytes: Int, sha256: String) {
    let file = try OpenFile(reading: path)
    _ = try file.size()
    var (hash, offset) = (Digest(), 0)
    while true {
      let piece = try file.read(at: offset, count: 1 << 20)
      hash.append(piece)
      offset += piece.count
      if piece.count < 1 << 20 { return (offset, hash.hexadecimal) }
    }
  }
}
