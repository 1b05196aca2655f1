import Base
import Foundation

/// A file of a data set, with what its name says about its content.
struct DataFile: Equatable {
  /// The content that a name promises; content itself decides where it can.
  enum Promise { case lines, json, other }

  /// The path of the file.
  let path: String
  /// The compression that the name tells; nil for none.
  let compression: Compression?
  /// The name without the ending of a compression, in lower case.
  let name: String
  /// The content that the name promises.
  let promise: Promise
  /// Whether it is standard input, or another stream of this process, which a user named himself.
  let isStream: Bool
  /// Whether it lies beside JSON lines in a folder, so that a lone object may be a description.
  var mayDescribeOthers = false

  /// A file, judged by its name.
  init(path: String, isStream: Bool = false) {
    self.path = path
    self.isStream = isStream
    var name = (path.lowercased() as NSString).lastPathComponent
    switch true {
    case name.hasSuffix(".gz"):
      compression = .gzip
      name = String(name.dropLast(3))
    case name.hasSuffix(".zst"):
      compression = .zstd
      name = String(name.dropLast(4))
    default: compression = nil
    }
    self.name = name
    switch (name as NSString).pathExtension {
    case "jsonl", "ndjson", "jsonlines", "ldjson": promise = .lines
    case "json": promise = .json
    default: promise = .other
    }
  }

  /// The files that paths name, folders searched to the bottom in the order of their names' bytes.
  ///
  /// Hidden files and folders are left out unless named, and so are the descriptions that lie
  /// beside data. Links are followed; what several of them lead to, file or folder, is read once,
  /// where it is found first.
  static func list(
    _ paths: [String], format: DataFormat = .auto
  ) throws -> (files: [DataFile], passedOver: [String]) {
    var (files, passedOver, seen) = ([DataFile](), [String](), Set<FileIdentity>())
    for path in paths {
      if OpenedFile.isStream(path) {
        files.append(DataFile(path: path, isStream: true))
        continue
      }
      var found: [DataFile] = []
      try add(path, to: &found, &seen)
      if FileKind(of: path) == .folder {
        let folder = FolderContent(found, format: format)
        files += folder.data
        passedOver += folder.descriptions
      } else {
        files += found
      }
    }
    return (files, passedOver)
  }

  private static func add(
    _ path: String, to files: inout [DataFile], _ seen: inout Set<FileIdentity>
  ) throws {
    guard let identity = FileIdentity(of: path), let kind = FileKind(of: path) else {
      if let pointer = PointerFile(at: path) {
        throw DocumentError.notFetched(pointer.description)
      }
      // A name that is not UTF-8 was repaired when the folder was listed.
      guard !path.unicodeScalars.contains("\u{FFFD}") else {
        throw DocumentError.unreadable(
          path: path, reason: "its name is not UTF-8; rename the file")
      }
      throw DocumentError.missing(path: path)
    }
    guard seen.insert(identity).inserted else { return }
    guard kind == .folder else { return files.append(DataFile(path: path)) }
    for name in try names(in: path) {
      try add(path.hasSuffix("/") ? path + name : "\(path)/\(name)", to: &files, &seen)
    }
  }

  private static func names(in folder: String) throws -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { !$0.hasPrefix(".") }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      throw DocumentError.unreadable(path: folder, reason: Folder.reasonNotListed(folder))
    }
  }
}
