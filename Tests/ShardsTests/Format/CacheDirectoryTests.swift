import Foundation
import Testing

@testable import Shards

@Suite struct CacheDirectoryTests {
  @Test func namesHoldNumbers() {
    #expect(CacheDirectory.shard(7) == "shard-00007.kd.zst")
    #expect(CacheDirectory.shard(123_456) == "shard-123456.kd.zst")
    #expect(CacheDirectory.tables(12) == "tables-012.zst")
    for number in [0, 9, 99_999, 100_000] {
      #expect(CacheDirectory.shardNumber(CacheDirectory.shard(number)) == number)
      #expect(CacheDirectory.tablesNumber(CacheDirectory.tables(number)) == number)
    }
  }

  @Test(arguments: [
    "shard-7.kd.zst", "shard-000007.kd.zst", "shard--0007.kd.zst", "shard-00007.zst",
    "shard-.kd.zst", "tables-00007.kd.zst", "xshard-00007.kd.zst", "shard-0000a.kd.zst",
  ])
  func otherSpellingsAreStrangers(name: String) {
    #expect(CacheDirectory.shardNumber(name) == nil)
    #expect(!CacheDirectory.isOwn(name) && !CacheDirectory.isOwn(name + ".tmp"))
  }

  @Test func ownNamesMayBeTemporary() {
    for name in ["manifest.json", "capture.json", "SHA256SUMS", "tables-000.zst"] {
      #expect(CacheDirectory.isOwn(name) && CacheDirectory.isOwn(name + ".tmp"))
    }
    #expect(CacheDirectory.isOwn("cache.lock") && !CacheDirectory.isOwn("cache.lock.tmp"))
    #expect(!CacheDirectory.isOwn("notes.txt") && !CacheDirectory.isOwn(".tmp"))
  }

  @Test func pathsHaveOneSlash() {
    #expect(CacheDirectory(path: "a/b").path("c") == "a/b/c")
    #expect(CacheDirectory(path: "a/b/").path("c") == "a/b/c")
    #expect(CacheDirectory(URL(filePath: "/a b/")).path("c") == "/a b/c")
  }
}
