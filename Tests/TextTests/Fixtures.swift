import Foundation
import Text

/// The files that tests read, and places to write.
enum Fixtures {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures/tokenizers")

  static func path(_ name: String) -> String { folder.appending(component: name).path }

  static func data(_ name: String) throws -> Data {
    try Data(contentsOf: folder.appending(component: name))
  }

  /// The tokenizer of a golden.
  static func tokenizer(_ name: String) throws -> Tokenizer {
    try Tokenizer(contentsOf: path(name + ".json"))
  }
}

/// A folder that goes away with its owner.
final class TemporaryFolder {
  let url = FileManager.default.temporaryDirectory.appending(
    component: "codistill-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  /// Writes a file, its folders too, and returns its path.
  @discardableResult
  func write(_ bytes: some Sequence<UInt8>, _ name: String) throws -> String {
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file.path
  }
}
