import Base
import Foundation

/// The format that the files of a data set are read in.
public enum DataFormat: String, Sendable, CaseIterable {
  /// The one that content tells: JSON records where a file parses as such, else plain text.
  case auto
  /// One plain text per file, whatever it looks like.
  case text
  /// JSON records, one a line or in an array.
  case jsonl
}

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

/// The files of a folder, told apart into data and what describes the data.
///
/// A folder as a data hub lays it out has a card, a licence and JSON of features beside its data;
/// nobody wants to train on them. A folder of nothing but Markdown is data.
struct FolderContent {
  /// The files to read.
  private(set) var data: [DataFile] = []
  /// The paths that are passed over.
  private(set) var descriptions: [String] = []

  /// Divides the files of a folder and of the folders in it.
  init(_ files: [DataFile], format: DataFormat) {
    let own = files.filter { !Self.isNeverData($0) && !Self.isAbout($0) }
    let hasRecords = format != .text && own.contains { $0.promise != .other }
    let hasLines = format != .text && own.contains { $0.promise == .lines }
    let isMarkdown = own.allSatisfy { Self.markdown.contains(($0.name as NSString).pathExtension) }
    for var file in files {
      let ending = (file.name as NSString).pathExtension
      let isBesideOthers = !own.isEmpty && !(isMarkdown && Self.markdown.contains(ending))
      let isDescription =
        Self.isNeverData(file) || (Self.isAbout(file) && isBesideOthers)
        || (hasRecords && (Self.endings.contains(ending) || file.name == "requirements.txt"))
      if isDescription {
        descriptions.append(file.path)
      } else {
        file.mayDescribeOthers = hasLines && file.promise == .json
        data.append(file)
      }
    }
  }

  private static let markdown: Set = ["md", "markdown"]

  /// The endings of files that lie beside records and hold none.
  private static let endings: Set = [
    "md", "markdown", "rst", "py", "sh", "toml", "yaml", "yml", "cfg", "ini", "ipynb", "bib", "cff",
  ]

  /// The files that data sets are described by, in the ways of their libraries.
  private static func isNeverData(_ file: DataFile) -> Bool {
    let names: Set = [
      "dataset_infos.json", "dataset_info.json", "dataset_dict.json", "state.json",
      "croissant.json",
      "_success", "thumbs.db", "desktop.ini", "sha256sums",
      "sha512sums", "sha1sums", "md5sums", "checksums", "checksums.txt", "sha256sums.txt",
      "md5sums.txt",
    ]
    let endings: Set = ["sha256", "sha512", "sha1", "md5", "crc", "asc", "sig", "dvc", "lock"]
    return names.contains(file.name)
      || endings.contains((file.name as NSString).pathExtension)
  }

  /// Whether a file's name says that it is about the others: README, LICENSE and their like.
  private static func isAbout(_ file: DataFile) -> Bool {
    let stem = file.name.prefix { $0.isLetter || $0 == "_" }
    let names: Set = [
      "readme", "license", "licence", "copying", "notice", "citation", "changelog", "contributing",
      "authors", "code_of_conduct", "datacard", "dataset_card",
    ]
    return names.contains(String(stem))
  }
}

/// The files of folders that were taken for descriptions of the data, for people.
package struct PassedOverFiles {
  private let paths: [String]

  /// The files, if there are any.
  package init?(_ paths: [String]) {
    guard !paths.isEmpty else { return nil }
    self.paths = paths
  }

  /// One line that names the first of them.
  package var note: String {
    let names = paths.prefix(6).joined(separator: ", ")
    let others = paths.count > 6 ? " and \(paths.count - 6) more" : ""
    return "passed over as describing the data: \(names)\(others) (name a file itself to read it)"
  }
}
