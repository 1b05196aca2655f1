import Base
import Foundation
import TestSupport
import Testing

@Suite struct ClaimTests {
  @Test("case predictable-temporaries: a claim keeps its own leftover, and one owner at a time")
  func aLeftoverIsKept() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/a.tmp"
      try claim(path).write([1, 2, 3])
      let mine = try claim(path)
      #expect(try mine.read(at: 0, count: 9) == [1, 2, 3])
      let isTaken: Bool
      if case .some = try OpenedFile.claim(path) { isTaken = false } else { isTaken = true }
      #expect(isTaken)
      try mine.truncate(to: 0)
    }
  }

  @Test("case predictable-temporaries: links and second names are removed, not followed")
  func whatIsNotOwnIsRemoved() throws {
    try withTemporaryDirectory { folder in
      let (path, victim) = (folder + "/a.tmp", folder + "/victim")
      try AtomicFile.write("precious", to: victim)
      let strangers: [() -> Int32] = [
        { symlink(victim, path) }, { symlink(folder + "/nothing", path) },
        { link(victim, path) },
      ]
      for make in strangers {
        #expect(make() == 0)
        let file = try claim(path)
        try file.write(Array("frames".utf8))
        #expect(try text(path) == "frames" && text(victim) == "precious")
        #expect(try names(folder) == ["a.tmp", "victim"])
        unlink(path)
      }
    }
  }

  @Test("case device-node-replaced: a claim removes neither FIFO nor folder nor socket")
  func whatIsNoFileStays() throws {
    try withTemporaryDirectory { folder in
      for path in makeStrangers(in: folder) where !path.contains("link") {
        let before = FileIdentity(of: path)
        #expect(throws: FileError.self) { _ = try OpenedFile.claim(path) }
        #expect(FileIdentity(of: path) == before)
      }
    }
  }

  // `#require` takes no value that cannot be copied.
  private func claim(_ path: String) throws -> OpenedFile {
    guard let file = try OpenedFile.claim(path) else { throw FileError.missing(path: path) }
    return file
  }
}
