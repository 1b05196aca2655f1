import Base
import Foundation

/// The copy of a cache's file, of which the SHA-256 is known, into another folder.
struct FileCopy: Sendable {
  /// Where the file lies.
  let directory: CacheDirectory
  /// Its name there.
  let source: String
  /// Its name in the other folder.
  var target: String
  /// Its SHA-256 in hexadecimal.
  let sha256: String

  /// The files of a part, still under their own names.
  static func all(of part: CachePart, _ number: Int, in directory: CacheDirectory) -> [FileCopy] {
    let tables = part.capture.tablesSHA256.map { [(CacheDirectory.tables(number), $0)] } ?? []
    return (tables + part.shards.map { ($0.file, $0.sha256) }).map {
      FileCopy(directory: directory, source: $0.0, target: $0.0, sha256: $0.1)
    }
  }

  /// Copies the file unless it is there already.
  func run(into folder: CacheDirectory) throws(ShardError) {
    if folder.exists(target), (try? ShardFile.digest(folder.path(target)))?.sha256 == sha256 {
      return
    }
    // Outside of the catch, which must not remove what another process has claimed.
    let temporary = try OpenFile(creating: folder.path(target + CacheDirectory.temporarySuffix))
    do throws(ShardError) {
      try copy(to: temporary)
      try folder.commit(target)
    } catch {
      unlink(temporary.path)
      throw error
    }
  }

  private func copy(to: borrowing OpenFile) throws(ShardError) {
    let from = try OpenFile(reading: directory.path(source))
    var (hash, offset) = (Digest(), 0)
    let size = try from.size()
    while offset < size {
      let piece = try from.read(at: offset, count: min(1 << 20, size - offset))
      guard !piece.isEmpty else { break }
      hash.append(piece)
      try to.write(piece)
      offset += piece.count
    }
    guard hash.hexadecimal == sha256 else {
      throw .corrupt(
        path: from.path, reason: "its SHA-256 is not the one that the manifest states")
    }
    try to.synchronize()
  }
}

extension [FileCopy] {
  /// The files of a part under the names that they have in another cache.
  func renamed(as part: CachePart, _ number: Int) -> [FileCopy] {
    let names = FileCopy.all(of: part, number, in: CacheDirectory(path: "")).map(\.source)
    return zip(self, names).map { copy, name in
      var copy = copy
      copy.target = name
      return copy
    }
  }
}
