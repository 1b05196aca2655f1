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

/// SplitMix64: a seeded generator, so that every run draws the same cases.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension SeededGenerator {
  /// A text of awkward parts: line ends, marks, emoji, digits, special tokens, any scalar.
  mutating func text() -> String {
    let parts = [
      "Hello", " world", "  ", "\t", "\n", "\r\n", "é", "e\u{301}", "ſ", "'s", "'LL", "123", "½",
      "日本語", "🙂", "👩‍👩‍👧", "\u{A0}", "\u{3000}", "\u{180E}", "\u{0}", "\u{FEFF}", "İ", "한",
      "<|im_start|>",
      "<tool>", "<|im", "//", String(repeating: "ab", count: 40), "the", "in", "\u{F73}",
    ]
    let scalars = (0..<Int.random(in: 0...12, using: &self)).map { _ -> String in
      if Int.random(in: 0..<4, using: &self) > 0 {
        return parts[Int.random(in: 0..<parts.count, using: &self)]
      }
      return Unicode.Scalar(UInt32.random(in: 0...0x2_FFFF, using: &self)).map(String.init) ?? "x"
    }
    return scalars.joined()
  }
}
