import Foundation

/// A folder of this process alone, below `TMPDIR`, that goes with the value.
struct ScratchFolder: ~Copyable {
  /// Where it is.
  let url: URL

  /// A fresh folder.
  init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(component: "codistill-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }
}
