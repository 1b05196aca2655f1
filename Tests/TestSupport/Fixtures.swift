public import Foundation

/// The files under `Tests/Fixtures`.
public enum Fixtures {
  /// The file or folder at a path below `Tests/Fixtures`.
  public static func url(_ path: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures").appending(path: path)
  }
}
