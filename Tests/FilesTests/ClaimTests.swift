import Files
import Foundation
import Testing

@Suite struct ClaimTests {
  @Test("case predictable-temporaries: a claim keeps its own leftover, and one owner at a time")
  func aLeftoverIsKept() throws {
    try inTemporaryFolder { folder in
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

  @Test("case predictable-temporaries: links, second names and FIFOs are removed, not followed")
  func whatIsNotOwnIsRemoved() throws {
    try inTemporaryFolder { folder in
      let (path, victim) = (folder + "/a.tmp", folder + "/victim")
      try AtomicFile.write("precious", to: victim)
      let strangers: [() -> Int32] = [
        { symlink(victim, path) }, { symlink(folder + "/nothing", path) },
        { link(victim, path) }, { mkfifo(path, 0o600) },
      ]
      for make in strangers {
        #expect(make() == 0)
        let file = try claim(path)
        try file.write(Array("frames".utf8))
        #expect(try text(path) == "frames" && text(victim) == "precious")
        #expect(try names(folder) == ["a.tmp", "victim"])
        unlink(path)
      }
      mkdir(path, 0o700)
      #expect(throws: FileError.uncreatable(path: path, reason: "Is a directory")) {
        _ = try OpenedFile.claim(path)
      }
    }
  }

  // `#require` takes no value that cannot be copied.
  private func claim(_ path: String) throws -> OpenedFile {
    guard let file = try OpenedFile.claim(path) else { throw FileError.missing(path: path) }
    return file
  }
}
