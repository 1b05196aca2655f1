/// The format that the files of a data set are read in.
public enum DataFormat: String, Sendable, CaseIterable {
  /// The one that content tells: JSON records where a file parses as such, else plain text.
  case auto
  /// One plain text per file, whatever it looks like.
  case text
  /// JSON records, one a line or in an array.
  case jsonl
}
