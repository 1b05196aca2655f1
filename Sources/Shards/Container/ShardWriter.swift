import Crypto
import Foundation

/// A shard file under construction, named only when it is whole and on the disk.
struct ShardWriter: ~Copyable {
  /// The number of frames so far.
  var count: Int { index.entries.count }
  private let directory: CacheDirectory
  private let name: String
  private let file: OpenFile
  private var index: ShardIndex
  private var offset = 0
  private var hash = SHA256()

  /// Begins the file of a shard, under a temporary name.
  init(
    _ directory: CacheDirectory, name: String, capture: UInt64, firstSequence: Int
  ) throws(ShardError) {
    self.directory = directory
    self.name = name
    index = ShardIndex(capture: capture, firstSequence: firstSequence)
    file = try OpenFile(creating: directory.path(name + CacheDirectory.temporarySuffix))
  }

  /// Adds a frame.
  mutating func append(_ frame: EncodedFrame) throws(ShardError) {
    try put(frame.bytes)
    index.entries.append(ShardIndex.Entry(frame, offset: offset))
    offset += frame.bytes.count
  }

  /// Adds the index and gives the file its name; says what the manifest needs to know.
  consuming func finish() throws(ShardError) -> CacheManifest.Shard {
    let end = index.encoded
    try put(end)
    do { try file.synchronize() } catch {
      unlink(file.path)
      throw error
    }
    try directory.commit(name)
    return CacheManifest.Shard(
      file: name, sequences: index.entries.count,
      tokens: index.entries.reduce(0) { $0 + $1.recordCount }, bytes: offset + end.count,
      sha256: hash.finalize().hexadecimal)
  }

  private mutating func put(_ bytes: [UInt8]) throws(ShardError) {
    do { try file.write(bytes) } catch {
      unlink(file.path)
      throw error
    }
    hash.update(data: bytes)
  }
}

extension SHA256Digest {
  /// The digest in lower-case hexadecimal.
  var hexadecimal: String {
    let digits = Array("0123456789abcdef")
    return String(flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
