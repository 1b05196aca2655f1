import Base

/// The tie between a shard and its capture: the first 8 bytes of the SHA-256 of the capture's JSON.
///
/// The teacher's name is left out: it is a path, and other machines have other ones. Shard
/// indexes hold the bytes; manifests and `capture.json` the same as hexadecimal digits.
struct CaptureFingerprint: Sendable, Equatable {
  /// The bytes as a little-endian number.
  let number: UInt64

  /// The fingerprint of a number.
  init(number: UInt64) { self.number = number }

  /// The fingerprint of a capture's settings.
  init(_ capture: CaptureConfig) throws(ShardError) {
    var nameless = capture
    nameless.teacher.name = ""
    let digest = Digest(of: try CacheJSON.encode(nameless))
    number = digest.bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Reads 16 lower-case hexadecimal digits; nil for anything else.
  init?(hexadecimal: String) {
    guard hexadecimal.utf8.count == 16, hexadecimal == hexadecimal.lowercased(),
      let number = UInt64(hexadecimal, radix: 16)
    else { return nil }
    self.number = number.byteSwapped
  }

  /// The bytes in file order as 16 hexadecimal digits.
  var hexadecimal: String { number.byteSwapped.hexadecimal }
}
