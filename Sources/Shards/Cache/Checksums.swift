import Base

/// The file `SHA256SUMS`: the SHA-256 of every other file, as `sha256sum -c` reads it.
///
/// It is what notices a changed byte in the manifest itself.
struct Checksums: Equatable {
  /// Per file, in the order of the lines.
  var lines: [(file: String, sha256: String)] = []

  static func == (a: Checksums, b: Checksums) -> Bool { a.encoded == b.encoded }

  /// The sums of a manifest's files.
  init(_ manifest: CacheManifest, manifestBytes: [UInt8]) {
    lines = [(CacheDirectory.manifest, Digest(of: manifestBytes).hexadecimal)]
    for (number, part) in manifest.parts.enumerated() {
      if let tables = part.capture.tablesSHA256 {
        lines.append((CacheDirectory.tables(number), tables))
      }
    }
    lines += manifest.shards.map { ($0.file, $0.sha256) }
  }

  /// The file's bytes.
  var encoded: [UInt8] { Array(lines.map { "\($0.sha256)  \($0.file)\n" }.joined().utf8) }
}
