import Base

/// A finished shard file: its index in memory, its frames read and checked one at a time.
struct ShardFile: Sendable {
  /// The path of the file.
  let path: String
  /// The index at its end.
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
    let size: Int
    do { size = try ShardIndex.size(footer: footer, fileSize: fileSize) } catch {
      throw .corrupt(path: path, reason: error.reason)
    }
    let bytes = try file.read(at: fileSize - size, count: size)
    do { index = try ShardIndex(bytes, fileSize: fileSize, limits: limits) } catch {
      throw .corrupt(path: path, reason: error.reason)
    }
  }

  /// The payload of a frame, after its hash and its sizes were checked.
  func payload(of frame: Int) throws(ShardError) -> [UInt8] {
    let bytes = try bytes(of: frame, in: OpenFile(reading: path))
    return try unpack(frame) { () throws(FrameProblem) in
      try ZstdFrame.decompress(bytes, size: index.entries[frame].payloadSize)
    }
  }

  /// The stored bytes of a frame, after its hash was checked.
  private func bytes(
    of frame: Int, in file: borrowing OpenFile
  ) throws(ShardError) -> [UInt8] {
    let entry = index.entries[frame]
    let bytes = try file.read(at: entry.offset, count: entry.storedSize)
    guard ShardIndex.hash(bytes) == entry.hash else {
      throw corrupt(frame, "its bytes do not have the hash that the index states")
    }
    return bytes
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
    for frame in index.entries.indices {
      let bytes = try bytes(of: frame, in: file)
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
