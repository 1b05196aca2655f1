import Foundation

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
