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
