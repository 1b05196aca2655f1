import Synchronization

/// The shards that were read last, with their indexes, so that a reader's memory does not grow with
/// the cache.
final class RecentShards: Sendable {
  private struct State {
    var files: [Int: ShardFile] = [:]
    /// The numbers of those shards, the one that was opened first at the front.
    var numbers: [Int] = []
    var frames = 0
  }

  private let frameLimit: Int
  private let state = Mutex(State())

  /// Room for shards with so many frames in all, but for one shard at least; 2^17 take 13 MB.
  init(frameLimit: Int = 1 << 17) { self.frameLimit = frameLimit }

  /// The shard of a number, opened if it is not at hand.
  func file(
    _ number: Int, open: () throws(ShardError) -> ShardFile
  ) throws(ShardError) -> ShardFile {
    if let file = state.withLock({ $0.files[number] }) { return file }
    // Outside the lock: others read on meanwhile, and two may open the same.
    let file = try open()
    state.withLock { Self.keep(file, number, in: &$0, frameLimit) }
    return file
  }

  private static func keep(_ file: ShardFile, _ number: Int, in state: inout State, _ limit: Int) {
    guard state.files.updateValue(file, forKey: number) == nil else { return }
    state.numbers.append(number)
    state.frames += file.index.entries.count
    while state.frames > limit, state.numbers.count > 1 {
      let oldest = state.files.removeValue(forKey: state.numbers.removeFirst())
      state.frames -= oldest?.index.entries.count ?? 0
    }
  }
}
