import Distillation
import Foundation
import Testing

@Suite struct AtomicFileTests {
  private struct Refused: Error {}

  @Test func aFileIsReplacedWhole() throws {
    try inTemporaryFolder { folder in
      let path = folder.path() + "a"
      try AtomicFile.write("old", to: path)
      try AtomicFile.write("newer", to: path)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "newer")
      #expect(try names(folder) == ["a"])
    }
  }

  @Test func anErrorLeavesTheOldFileAndNothingElse() throws {
    try inTemporaryFolder { folder in
      let path = folder.path() + "a"
      try AtomicFile.write("old", to: path)
      #expect(throws: Refused.self) {
        try AtomicFile.write(to: path) { descriptor in
          write(descriptor, "half", 4)
          throw Refused()
        }
      }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
      #expect(try names(folder) == ["a"])
    }
  }

  @Test func aLinkToAFileStaysOne() throws {
    try inTemporaryFolder { folder in
      let (file, link) = (folder.path() + "file", folder.path() + "link")
      try AtomicFile.write("old", to: file)
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
      try AtomicFile.write("new", to: link)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == file)
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "new")
    }
  }

  @Test func whatIsNoFileIsNotReplaced() throws {
    try inTemporaryFolder { folder in
      let pipe = folder.path() + "pipe"
      #expect(mkfifo(pipe, 0o600) == 0)
      for path in [pipe, folder.path()] {
        #expect(throws: RunError.self) { try AtomicFile.write("new", to: path) }
      }
      var status = stat()
      #expect(stat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
      let left = try names(folder)
      #expect(left == ["pipe"])
    }
  }

  @Test func aLeftoverOfAKilledProcessIsInNoOnesWay() throws {
    try inTemporaryFolder { folder in
      try writeBytes([1, 2, 3], to: folder.appending(path: ".a.partial"))
      try AtomicFile.write("new", to: folder.path() + "a")
      #expect(try names(folder) == ["a"])
    }
  }

  @Test func aFolderThatIsNotThereNamesThePath() {
    #expect(throws: RunError.cannotCreate(path: "/nowhere/a", reason: "No such file or directory"))
    { try AtomicFile.write("x", to: "/nowhere/a") }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func aFullDiskIsItsOwnError() throws {
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    #expect(throws: RunError.diskFull(path: "a")) {
      try [UInt8](repeating: 0, count: 10).withUnsafeBytes {
        try AtomicFile.writeAll($0, to: full, path: "a")
      }
    }
  }

  @Test func aFolderIsReplacedWhole() throws {
    try inTemporaryFolder { folder in
      let path = folder.path() + "step"
      for text in ["old", "new"] {
        try AtomicDirectory.write(to: path) { inner in
          try AtomicFile.write(text, to: inner + "/" + text)
          try FileManager.default.createDirectory(
            atPath: inner + "/deep", withIntermediateDirectories: true)
        }
      }
      #expect(try names(folder) == ["step"])
      #expect(try names(folder.appending(path: "step")) == ["deep", "new"])
    }
  }

  @Test func anErrorLeavesTheOldFolder() throws {
    try inTemporaryFolder { folder in
      let path = folder.path() + "step"
      try AtomicDirectory.write(to: path) { try AtomicFile.write("x", to: $0 + "/old") }
      #expect(throws: Refused.self) {
        try AtomicDirectory.write(to: path) { inner in
          try AtomicFile.write("x", to: inner + "/new")
          throw Refused()
        }
      }
      #expect(try names(folder) == ["step"])
      #expect(try names(folder.appending(path: "step")) == ["old"])
    }
  }

  private func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
  }
}
