import Base
import Foundation
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  @Test func aFileIsReplacedWhole() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/a"
      try AtomicFile.write("older", to: path)
      try AtomicFile.write("new", to: path)
      #expect(try text(path) == "new")
      #expect(try names(folder) == ["a"])
    }
  }

  @Test func withoutCommitTheOldFileStaysAndNothingElse() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/a"
      try AtomicFile.write("old", to: path)
      do {
        let file = try AtomicFile(path: path)
        try file.write(Array("half".utf8))
        #expect(try names(folder).count == 2)
      }
      #expect(try text(path) == "old")
      #expect(try names(folder) == ["a"])
    }
  }

  @Test("case device-node-replaced: nothing but a regular file is replaced")
  func whatIsNoFileIsNotReplaced() throws {
    try withTemporaryDirectory { folder in
      for path in makeStrangers(in: folder) {
        let before = FileIdentity(of: path)
        let error = #expect(throws: FileError.self) { try AtomicFile.write("new", to: path) }
        guard case .uncreatable(path, let reason) = error else {
          Issue.record("\(path): \(String(describing: error))")
          continue
        }
        #expect(reason.hasPrefix("it is there, and is a "))
        #expect(FileIdentity(of: path) == before)
      }
      let left = try names(folder).filter { $0.hasSuffix(".partial") }
      #expect(left.isEmpty)
    }
  }

  @Test("case device-node-replaced: a link stays one; its target, or the place of it, is written")
  func aLinkIsFollowed() throws {
    try withTemporaryDirectory { folder in
      mkdir(folder + "/deep", 0o700)
      for (target, isThere) in [("deep/a", true), ("deep/b", false)] {
        if isThere { try AtomicFile.write("old", to: folder + "/" + target) }
        symlink(target, folder + "/link")
        symlink("link", folder + "/second")
        try AtomicFile.write("new", to: folder + "/second")
        #expect(try text(folder + "/" + target) == "new")
        #expect(try names(folder) == ["deep", "link", "second"])
        #expect(
          try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == target)
        unlink(folder + "/link")
        unlink(folder + "/second")
      }
      symlink("circle", folder + "/circle")
      #expect(throws: FileError.self) { try AtomicFile.write("new", to: folder + "/circle") }
    }
  }

  @Test(
    "case predictable-temporaries: a file keeps the mode of the one before",
    arguments: [0o600, 0o640, 0o755, 0o400] as [mode_t])
  func theModeIsKept(_ old: mode_t) throws {
    try withTemporaryDirectory { folder in
      try AtomicFile.write("old", to: folder + "/a")
      chmod(folder + "/a", old)
      symlink("a", folder + "/link")
      try AtomicFile.write("new", to: folder + "/link")
      #expect(mode(folder + "/a") == old)
      #expect(try text(folder + "/a") == "new")
    }
  }

  @Test("case predictable-temporaries: a new file has the mode that the umask leaves")
  func aNewFileHasThePlainMode() throws {
    try withTemporaryDirectory { folder in
      try AtomicFile.write("x", to: folder + "/a")
      let plain = open(folder + "/plain", O_CREAT | O_WRONLY, 0o666)
      close(plain)
      #expect(mode(folder + "/a") == mode(folder + "/plain"))
    }
  }

  @Test("case predictable-temporaries: names cannot be guessed; killed writers' are removed")
  func leftoversAreTidied() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/a"
      try "half".write(toFile: folder + "/.a.12ab.partial", atomically: false, encoding: .utf8)
      try AtomicFile.write("precious", to: folder + "/victim")
      symlink("victim", folder + "/.a.12ac.partial")
      try "other".write(toFile: folder + "/.a.b.partial.txt", atomically: false, encoding: .utf8)
      let first = try AtomicFile(path: path)
      let own = try names(folder).filter { $0.hasSuffix(".partial") }
      let second = try AtomicFile(path: path)
      let both = try names(folder).filter { $0.hasSuffix(".partial") }
      // A link is not ours to remove; what another writes now is not either.
      #expect(own.count == 2 && both.count == 3 && Set(own).isSubset(of: both))
      try second.write(Array("second".utf8))
      try second.commit()
      try first.write(Array("first".utf8))
      try first.commit()
      #expect(try text(path) == "first" && text(folder + "/victim") == "precious")
      #expect(try names(folder) == [".a.12ac.partial", ".a.b.partial.txt", "a", "victim"])
    }
  }

  @Test func aFolderThatIsNotThereNamesThePath() {
    #expect(throws: FileError.uncreatable(path: "/nowhere/a", reason: "No such file or directory"))
    { try AtomicFile.write("x", to: "/nowhere/a") }
  }
}
