import Base
import Foundation

/// Reading and replacing what a folder says about itself.
///
/// `SHA256SUMS` and the manifest are two files, and no system renames two at once. So a new
/// manifest first lies complete under its temporary name; the renaming of `SHA256SUMS` is what
/// makes it valid, and the renaming of the manifest only tidies up. Whoever looks in between, a
/// reader or the successor of a killed writer, finds the manifest that the sums name.
extension CacheDirectory {
  private static var pending: String { manifest + temporarySuffix }

  /// The valid manifest of a folder with its bytes; nil where there is none yet.
  ///
  /// - Throws: `corrupt` where the manifest and the sums contradict each other.
  func validManifest() throws(ShardError) -> CacheManifest? { try manifestInForce()?.manifest }

  /// Throws `corrupt` where a file that the manifest names is not there, or of another size; only
  /// ``CacheVerifier`` reads them.
  func requireFiles(of manifest: CacheManifest) throws(ShardError) {
    for (number, part) in manifest.parts.enumerated() {
      var files = part.shards.map { (name: $0.file, bytes: $0.bytes) }
      if part.capture.tablesSHA256 != nil { files.append((Self.tables(number), part.tablesBytes)) }
      for file in files {
        let path = path(file.name)
        var status = stat()
        guard stat(path, &status) == 0 else {
          throw .corrupt(path: path, reason: "it is not there, and the manifest names it")
        }
        guard Int(status.st_size) == file.bytes else {
          throw .corrupt(
            path: path, reason: "it has \(status.st_size) bytes, in the manifest \(file.bytes)")
        }
      }
    }
  }

  /// The valid manifest and the name that it lies under.
  private func manifestInForce() throws(ShardError) -> (manifest: CacheManifest, name: String)? {
    guard exists(Self.manifest) else { return nil }
    // A writer may replace both files between two reads: look once more before complaining.
    for _ in 0..<2 {
      let sums = try read(Self.checksums)
      let bytes = try read(Self.manifest)
      let manifest = try CacheManifest(bytes, path: path(Self.manifest))
      if sums == manifest.checksums(manifestBytes: bytes) {
        return (manifest, Self.manifest)
      }
      if let next = try? read(Self.pending),
        let manifest = try? CacheManifest(next, path: path(Self.pending)),
        sums == manifest.checksums(manifestBytes: next)
      {
        return (manifest, Self.pending)
      }
    }
    throw .corrupt(
      path: path(Self.manifest), reason: "it does not agree with \(Self.checksums) beside it")
  }

  /// Finishes a replacement that was cut short, removes what killed writers left, and a
  /// `capture.json` that has become a part.
  ///
  /// - Returns: the valid manifest; nil where there is none yet.
  func settle(_: borrowing DirectoryLock) throws(ShardError) -> CacheManifest? {
    guard let (manifest, name) = try manifestInForce() else { return nil }
    if name == Self.pending { try commit(Self.manifest) }
    try removeLeftovers()
    if exists(Self.capture) {
      let fingerprint = try CaptureFile(self).fingerprint
      if manifest.parts.contains(where: { $0.fingerprint == fingerprint }) {
        try remove(Self.capture)
      }
    }
    return manifest
  }

  /// Makes a manifest the valid one, with its sums, and removes what only its making needed.
  ///
  /// A mended cache keeps the `capture.json` of a part that is being appended meanwhile.
  func publish(
    _ manifest: CacheManifest, keepingCapture: Bool = false, _: borrowing DirectoryLock
  ) throws(ShardError) {
    // First, because after the last step nobody has a reason to look here again.
    try removeLeftovers()
    let bytes = try CacheJSON.encode(manifest)
    try prepare(bytes, for: Self.manifest)
    try synchronize()
    try write(manifest.checksums(manifestBytes: bytes), to: Self.checksums)
    try commit(Self.manifest)
    if !keepingCapture { try remove(Self.capture) }
    try synchronize()
  }

  /// Removes the temporary files of killed writers: own names that no living process claims.
  ///
  /// The manifest in force must be under its final name, if there is one.
  private func removeLeftovers() throws(ShardError) {
    for name in try names() where name.hasSuffix(Self.temporarySuffix) && Self.isOwn(name) {
      if try OpenFile.claim(path(name)) != nil { try remove(name) }
    }
  }

  /// Whether a writer was at work, or died at it.
  var isBeingChanged: Bool { exists(Self.capture) || exists(Self.lock) }
}

extension CacheManifest {
  /// The file `SHA256SUMS`: the SHA-256 of every other file, as `sha256sum -c` reads it.
  ///
  /// It is what notices a changed byte in the manifest itself.
  func checksums(manifestBytes: [UInt8]) -> [UInt8] {
    var lines = [(CacheDirectory.manifest, Digest(of: manifestBytes).hexadecimal)]
    for (number, part) in parts.enumerated() {
      if let tables = part.capture.tablesSHA256 {
        lines.append((CacheDirectory.tables(number), tables))
      }
    }
    lines += shards.map { ($0.file, $0.sha256) }
    return Array(lines.map { file, sha256 in "\(sha256)  \(file)\n" }.joined().utf8)
  }
}
