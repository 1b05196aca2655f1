import Base
import Foundation
import TestSupport
import Testing

@Suite struct OpenedFileTests {
  @Test("case fifo-hangs: what is no regular file is refused at once, and named")
  func onlyRegularFilesAreRead() throws {
    try withTemporaryDirectory { folder in
      for path in makeStrangers(in: folder) {
        for isStreaming in [false, true] {
          let error = #expect(throws: FileError.self) {
            _ =
              try isStreaming
              ? OpenedFile(streaming: path).size() : OpenedFile(reading: path).size()
          }
          guard case .unreadable(path, let reason) = error else {
            Issue.record("\(path): \(String(describing: error))")
            continue
          }
          #expect(reason.hasPrefix("it is a ") && reason.hasSuffix(", no regular file"))
        }
        #expect(throws: FileError.self) { _ = try OpenedFile(appendingTo: path) }
      }
      #expect(throws: FileError.missing(path: folder + "/x")) {
        _ = try OpenedFile(reading: folder + "/x")
      }
    }
  }

  @Test func aFileIsReadWholeAndInPieces() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/a"
      try AtomicFile.write("hello", to: path)
      symlink(path, folder + "/link")
      for name in [path, folder + "/link"] {
        #expect(try OpenedFile(reading: name).readAll() == Array("hello".utf8))
        #expect(try OpenedFile(streaming: name).readAll() == Array("hello".utf8))
      }
      #expect(try OpenedFile(reading: path).read(at: 3, count: 9) == Array("lo".utf8))
      #expect(throws: FileError.self) { try OpenedFile(reading: path).readAll(limit: 4) }
    }
  }

  @Test("case fifo-hangs: /dev/fd/N, and what links to it, is read to its end though it is a pipe")
  func aStreamOfTheProcessIsRead() throws {
    try withTemporaryDirectory { folder in
      let link = folder + "/link"
      for isLinked in [false, true] {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data("piped".utf8))
        try pipe.fileHandleForWriting.close()
        let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
        symlink(path, link)
        let file = try OpenedFile(streaming: isLinked ? link : path)
        #expect(try file.readAll() == Array("piped".utf8))
        unlink(link)
      }
      #expect(OpenedFile.isStream("/dev/stdin") && !OpenedFile.isStream(link))
      #expect(throws: FileError.missing(path: "/dev/fd/987654")) {
        _ = try OpenedFile(streaming: "/dev/fd/987654")
      }
    }
  }

  @Test func aWishToStopEndsTheWaitForAPipe() throws {
    let pipe = Pipe()
    let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
    StopWish.ask { true }
    defer { StopWish.ask { false } }
    #expect(throws: FileError.interrupted(path: path)) {
      _ = try OpenedFile(streaming: path).readAll()
    }
    try pipe.fileHandleForWriting.close()
  }

  @Test func aFullDiskIsItsOwnError() throws {
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    #expect(throws: FileError.full(path: "/dev/fd/\(full)")) {
      try OpenedFile(streaming: "/dev/fd/\(full)").write([1, 2, 3])
    }
  }
}
