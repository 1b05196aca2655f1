import Base
import Foundation
import TestSupport
import Testing

@Suite struct AtomicFolderTests {
  private func write(_ name: String, to path: String) throws {
    let folder = try AtomicFolder(path: path)
    try AtomicFile.write("x", to: folder.file(name))
    mkdir(folder.file("deep"), 0o700)
    try folder.commit()
  }

  @Test func aFolderIsReplacedWhole() throws {
    try withTemporaryDirectory { folder in
      for name in ["old", "new"] { try write(name, to: folder + "/above/step/") }
      #expect(try names(folder + "/above") == ["step"])
      #expect(try names(folder + "/above/step") == ["deep", "new"])
    }
  }

  @Test func withoutCommitTheOldFolderStays() throws {
    try withTemporaryDirectory { folder in
      try write("old", to: folder + "/step")
      do {
        let pending = try AtomicFolder(path: folder + "/step")
        try AtomicFile.write("x", to: pending.file("new"))
      }
      #expect(try names(folder) == ["step"])
      #expect(try names(folder + "/step") == ["deep", "old"])
    }
  }

  @Test("case device-node-replaced: nothing but a folder is replaced by a folder")
  func whatIsNoFolderIsNotReplaced() throws {
    try withTemporaryDirectory { folder in
      try AtomicFile.write("precious", to: folder + "/file")
      mkfifo(folder + "/fifo", 0o600)
      for name in ["file", "fifo"] {
        #expect(throws: FileError.self) { try write("x", to: folder + "/" + name) }
      }
      #expect(try text(folder + "/file") == "precious")
      #expect(try names(folder) == ["fifo", "file"])
    }
  }

  @Test func aLinkToAFolderIsFollowedAndModesAreKept() throws {
    try withTemporaryDirectory { folder in
      try write("old", to: folder + "/step")
      chmod(folder + "/step", 0o700)
      symlink("step", folder + "/link")
      try write("new", to: folder + "/link")
      #expect(try names(folder) == ["link", "step"])
      #expect(try names(folder + "/step") == ["deep", "new"])
      #expect(mode(folder + "/step") == 0o700)
    }
  }

  @Test("case predictable-temporaries: what a killed writer left of a folder is removed")
  func leftoversAreTidied() throws {
    try withTemporaryDirectory { folder in
      mkdir(folder + "/.step.7f.partial", 0o700)
      try AtomicFile.write("x", to: folder + "/.step.7f.partial/half")
      try write("new", to: folder + "/step")
      #expect(try names(folder) == ["step"])
    }
  }
}
