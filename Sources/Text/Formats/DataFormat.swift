/// The way that the files of a data set are read.
public enum DataFormat: String, Sendable, CaseIterable {
  /// As their content says: JSON records where they parse as such, else plain text.
  case auto
  /// As one plain text a file, whatever it looks like.
  case text
  /// As JSON records, one a line or in an array.
  case jsonl
}
