import Base
import Foundation

/// A shard file under construction by this process alone, named only when it is whole on the disk.
package struct ShardWriter: ~Copyable {
  /// The number of frames so far.
  package var count: Int { index.entries.count }
  private let directory: CacheDirectory
  private let name: String
  private let file: OpenFile
  private var index: ShardIndex
  private var offset = 0
  private var hash = Digest()

  /// Claims the file of a shard under its temporary name; nil if another process has it.
  ///
  /// The leftover of a killed process under that name is written over.
  static func claim(
    _ directory: CacheDirectory, name: String, capture: CaptureFingerprint, firstSequence: Int
  ) throws(ShardError) -> ShardWriter? {
    guard let file = try OpenFile.claim(directory.path(name + CacheDirectory.temporarySuffix))
    else { return nil }
    return ShardWriter(
      directory: directory, name: name, file: file,
      index: ShardIndex(capture: capture.number, firstSequence: firstSequence))
  }

  /// Adds a frame.
  package mutating func append(_ frame: EncodedFrame) throws(ShardError) {
    if count == 0 { try file.empty() }
    try put(frame.bytes)
    index.entries.append(ShardIndex.Entry(frame, offset: offset))
    offset += frame.bytes.count
  }

  /// Adds the index and gives the file its name; says what the manifest needs to know.
  ///
  /// Throws `otherBytes`, and leaves nothing, where the file has not the expected SHA-256.
  package consuming func finish(expecting expected: String? = nil) throws(ShardError)
    -> CacheManifest.Shard
  {
    let end = index.encoded
    try put(end)
    let sha256 = hash.hexadecimal
    do throws(ShardError) {
      if let expected, expected != sha256 { throw .otherBytes(path: directory.path(name)) }
      try file.synchronize()
      try directory.commit(name)
    } catch {
      unlink(file.path)
      throw error
    }
    return index.shard(name, bytes: offset + end.count, sha256: sha256)
  }

  /// Gives the claim back and leaves nothing.
  package consuming func discard() { unlink(file.path) }

  private mutating func put(_ bytes: [UInt8]) throws(ShardError) {
    do { try file.write(bytes) } catch {
      unlink(file.path)
      throw error
    }
    hash.append(bytes)
  }
}
