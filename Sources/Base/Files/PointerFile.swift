import Foundation

/// A small file that stands for a large one that was not fetched.
package struct PointerFile: Equatable, Sendable, CustomStringConvertible {
  /// The file.
  package let path: String
  private let tool: String
  private let command: String

  /// The pointer that the first bytes of a file make; nil for any other file.
  package init?(_ bytes: some Collection<UInt8>, path: String) {
    var start = Array(bytes.prefix(64))
    if start.starts(with: [0xEF, 0xBB, 0xBF]) { start.removeFirst(3) }
    func begins(_ text: String) -> Bool { start.starts(with: text.utf8) }
    if Self.lfs.contains(where: begins) {
      tool = "Git LFS"
      command = "git lfs pull"
    } else if begins("/annex/objects/") {
      tool = "git-annex"
      command = "git annex get"
    } else {
      return nil
    }
    self.path = path
  }

  /// The pointer at a path; nil where there is anything else, or nothing.
  package init?(at path: String) {
    do {
      _ = try OpenedFile(reading: path).size()
      return nil
    } catch .pointer(let pointer) {
      self = pointer
    } catch {
      return nil
    }
  }

  /// The broken link at a path that git-annex left for a file it did not fetch; nil otherwise.
  init?(brokenLinkAt path: String) {
    guard let target = Link.target(of: path), target.contains("annex/objects/") else { return nil }
    self.path = path
    tool = "git-annex"
    command = "git annex get"
  }

  /// The largest size of a pointer, in bytes: Git LFS itself looks no further.
  static let mostBytes = 1024

  /// The current specification and the two before it.
  private static let lfs = [
    "version https://git-lfs.github.com/spec/", "version https://hawser.github.com/spec/",
    "version http://git-media.io/",
  ]

  /// One line: the file, what it is, and the command that fetches the content.
  package var description: String {
    var folder = (path as NSString).deletingLastPathComponent
    if folder.isEmpty { folder = "." }
    return "\(path): a \(tool) pointer, not the file's content; run `\(command)` in \(folder)"
  }
}
