import Foundation
import Testing

@testable import Shards

@Suite struct OpenFileTests {
  private let cache = TemporaryCache()
  private var directory: CacheDirectory { CacheDirectory(cache.url) }

  @Test func bytesAreAppendedCutAndReadBack() throws {
    try directory.create()
    let file = try OpenFile(creating: directory.path("f"))
    try file.write([1, 2, 3])
    try file.write([4, 5])
    try file.synchronize()
    let (size, middle) = (try file.size(), try file.read(at: 1, count: 3))
    #expect(size == 5 && middle == [2, 3, 4])
    let beyond = try file.read(at: 4, count: 9)
    #expect(beyond == [5])
    try file.truncate(to: 2)
    try file.write([9])
    let all = try file.readAll(limit: 3)
    #expect(all == [1, 2, 9])
    let fault = #expect(throws: ShardError.self) { try file.readAll(limit: 2) }
    #expect(
      fault
        == .corrupt(
          path: directory.path("f"), reason: "it has 3 bytes where at most 2 make sense"))
    try file.empty()
    let left = try file.size()
    #expect(left == 0)
  }

  @Test func oneProcessHasAFile() throws {
    try directory.create()
    let path = directory.path("f")
    let file = try OpenFile(creating: path)
    #expect(throws: ShardError.locked(path: path)) { _ = try OpenFile(creating: path) }
    let isFree = try OpenFile.claim(path) != nil
    #expect(!isFree)
    try file.write([1])
  }

  @Test func filesAreThereWholeOrNotAtAll() throws {
    try directory.create()
    try directory.write([1, 2], to: "b")
    try directory.write([3], to: "a")
    try directory.write([4, 5, 6], to: "b")
    #expect(try directory.names() == ["a", "b"])
    #expect(try directory.read("b") == [4, 5, 6])
    try directory.prepare([7], for: "a")
    #expect(try directory.names() == ["a", "a.tmp", "b"] && directory.read("a") == [3])
    try directory.commit("a")
    #expect(try directory.names() == ["a", "b"] && directory.read("a") == [7])
    try directory.remove("a")
    try directory.remove("a")
    #expect(!directory.exists("a") && directory.exists("b"))
  }

  @Test func aFolderIsNotReplacedByAFile() throws {
    try CacheDirectory(path: directory.path("d")).create()
    let fault = #expect(throws: ShardError.self) { try directory.write([1], to: "d") }
    #expect(fault?.description.hasPrefix(directory.path("d") + ": cannot create the file") == true)
    #expect(try directory.names() == ["d"])
  }

  @Test func foldersThatAreNotThereAreNamed() {
    let nowhere = CacheDirectory(path: "/nowhere/at/all")
    #expect(throws: ShardError.missing(path: "/nowhere/at/all")) { try nowhere.names() }
    #expect(throws: ShardError.missing(path: "/nowhere/at/all/f")) { try nowhere.read("f") }
  }
}

@Suite struct DirectoryLockTests {
  @Test func itIsHeldByOneAndGoesWithItsOwner() throws {
    let cache = TemporaryCache()
    let directory = CacheDirectory(cache.url)
    try directory.create()
    do {
      let lock = try DirectoryLock(directory)
      #expect(throws: ShardError.locked(path: directory.path)) {
        _ = try DirectoryLock(directory, patience: .milliseconds(20))
      }
      #expect(directory.exists("cache.lock"))
      _ = consume lock
    }
    #expect(!directory.exists("cache.lock"))
    _ = try DirectoryLock(directory, patience: .zero)
  }
}
