import Foundation

/// The right to change what a folder says about itself, held for as short as can be.
///
/// It is a lock file that goes with its owner: removed at the end, and free after a kill.
/// Shards are not under it; each has a claim of its own (`ShardWriter`).
struct DirectoryLock: ~Copyable {
  private let file: OpenFile

  // The name goes before the claim, so that whoever waits finds that the file is no longer named.
  deinit { unlink(file.path) }

  /// Takes the lock; throws `locked` if another process keeps it for longer than `patience`.
  init(_ directory: CacheDirectory, patience: Duration = .seconds(10)) throws(ShardError) {
    let deadline = ContinuousClock.now + patience
    while true {
      if let file = try OpenFile.claim(directory.path(CacheDirectory.lock)) {
        self.file = file
        return
      }
      guard ContinuousClock.now < deadline else { throw .locked(path: directory.path) }
      usleep(5000)
    }
  }
}
