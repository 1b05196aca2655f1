import Foundation

/// A file of a data set, with what its name says about its content.
struct DataFile: Equatable {
  /// How the bytes are compressed.
  enum Compression: String { case none, gzip, zstd }

  /// The path of the file.
  let path: String
  /// By the ending `.gz` or `.zst`.
  let compression: Compression
  /// Whether each line is a JSON object (`.jsonl`, `.ndjson`); otherwise the file is one text.
  let isLines: Bool

  /// A file, judged by its name.
  init(path: String) {
    self.path = path
    var name = path.lowercased()
    switch true {
    case name.hasSuffix(".gz"): (compression, name) = (.gzip, String(name.dropLast(3)))
    case name.hasSuffix(".zst"): (compression, name) = (.zstd, String(name.dropLast(4)))
    default: compression = .none
    }
    isLines = name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson")
  }

  /// The files that paths name, folders searched to the bottom in the order of their names' bytes.
  ///
  /// Hidden files and folders are left out unless named; links are followed, but never in a circle.
  static func list(_ paths: [String]) throws -> [DataFile] {
    try paths.flatMap { try list($0, within: []) }
  }

  private static func list(_ path: String, within parents: Set<String>) throws -> [DataFile] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw DocumentError.missing(path: path)
    }
    guard isFolder.boolValue else { return [DataFile(path: path)] }
    let resolved = URL(filePath: path).resolvingSymlinksInPath().path
    guard !parents.contains(resolved) else { return [] }
    return try names(in: path).flatMap { name in
      try list(
        path.hasSuffix("/") ? path + name : "\(path)/\(name)", within: parents.union([resolved]))
    }
  }

  private static func names(in folder: String) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { !$0.hasPrefix(".") }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      throw DocumentError.unreadable(path: folder, reason: error.localizedDescription)
    }
  }
}
