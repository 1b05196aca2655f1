/// The files of folders that were taken for descriptions of the data, for people.
public struct PassedOverFiles {
  private let paths: [String]

  /// The files, if there are any.
  public init?(_ paths: [String]) {
    guard !paths.isEmpty else { return nil }
    self.paths = paths
  }

  /// One line that names the first of them.
  public var note: String {
    let names = paths.prefix(6).joined(separator: ", ")
    let others = paths.count > 6 ? " and \(paths.count - 6) more" : ""
    return "passed over as describing the data: \(names)\(others) (name a file itself to read it)"
  }
}
