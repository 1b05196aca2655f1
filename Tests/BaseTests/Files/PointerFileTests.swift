import Foundation
import TestSupport
import Testing

@testable import Base

@Suite struct PointerFileTests {
  private let rest = "\noid sha256:4d7a2146\nsize 12345\n"

  @Test(
    "case lfs-pointer: a pointer is named with its remedy",
    arguments: [
      "version https://git-lfs.github.com/spec/v1", "version https://hawser.github.com/spec/v1",
      "version http://git-media.io/v/2", "\u{FEFF}version https://git-lfs.github.com/spec/v1\r",
    ])
  func pointerOfGitLFS(version: String) throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/model.safetensors"
      try Data((version + rest).utf8).write(to: URL(filePath: path))
      #expect {
        _ = try OpenedFile(reading: path).size()
      } throws: {
        "\($0)" == "\(path): a Git LFS pointer, not the file's content; "
          + "run `git lfs pull` in \(folder)"
      }
    }
  }

  @Test("case lfs-pointer: git-annex, in a file or as a link that leads nowhere")
  func pointerOfGitAnnex() throws {
    try withTemporaryDirectory { folder in
      let (file, link) = (folder + "/a.txt", folder + "/b.txt")
      try Data("/annex/objects/SHA256E-s12--ab.txt\n".utf8).write(to: URL(filePath: file))
      try FileManager.default.createSymbolicLink(
        atPath: link, withDestinationPath: ".git/annex/objects/x/y/SHA256E-s12--ab.txt")
      for path in [file, link] {
        #expect {
          _ = try OpenedFile(reading: path).size()
        } throws: {
          "\($0)".contains("git annex get")
        }
      }
    }
  }

  @Test func aTextAboutPointersIsNone() throws {
    try withTemporaryDirectory { folder in
      try Data("A pointer begins with version https://git-lfs.github.com".utf8)
        .write(to: URL(filePath: folder + "/a.txt"))
      #expect(try OpenedFile(reading: folder + "/a.txt").size() > 0)
    }
  }
}
