import Foundation

/// The folder of a cache, and the names in it.
struct CacheDirectory: Sendable {
  /// The name of the manifest.
  static let manifest = "manifest.json"
  /// The name of the mark of a part in the making.
  static let capture = "capture.json"
  /// The name of the list of SHA-256 sums.
  static let checksums = "SHA256SUMS"
  /// The name of the lock of the folder.
  static let lock = "cache.lock"
  /// The ending of the names of files that are not whole yet.
  static let temporarySuffix = ".tmp"

  /// The path of the folder.
  let path: String

  /// The folder at a URL.
  init(_ url: URL) { path = url.path(percentEncoded: false) }

  /// The folder at a path.
  init(path: String) { self.path = path }

  /// The name of a shard's file.
  static func shard(_ number: Int) -> String {
    "shard-" + padded(number, to: 5) + ".kd.zst"
  }

  /// The name of a part's coding tables.
  static func tables(_ part: Int) -> String { "tables-" + padded(part, to: 3) + ".zst" }

  private static func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// The number of the shard that a name is given to; nil for other names.
  static func shardNumber(_ name: String) -> Int? { number(in: name, "shard-", ".kd.zst", shard) }

  /// The number of the part whose tables have a name; nil for other names.
  static func tablesNumber(_ name: String) -> Int? { number(in: name, "tables-", ".zst", tables) }

  private static func number(
    in name: String, _ prefix: String, _ suffix: String, _ spelled: (Int) -> String
  ) -> Int? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
    let digits = name.dropFirst(prefix.count).dropLast(suffix.count)
    return Int(digits).flatMap { $0 >= 0 && spelled($0) == name ? $0 : nil }
  }

  /// Whether this module gives a name, finished or temporary; strangers' files are left alone.
  static func isOwn(_ name: String) -> Bool {
    if name == lock { return true }
    let name = name.hasSuffix(temporarySuffix) ? String(name.dropLast(temporarySuffix.count)) : name
    return [capture, manifest, checksums].contains(name) || shardNumber(name) != nil
      || tablesNumber(name) != nil
  }

  /// The path of a file in the folder.
  func path(_ name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }
}
