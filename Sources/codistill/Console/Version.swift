/// The version of the tool.
enum Version {
  /// The version, as `--version` prints it and run directories record it.
  static let current = "0.1.0"
}
