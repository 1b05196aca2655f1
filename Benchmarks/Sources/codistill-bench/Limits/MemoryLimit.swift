import Dispatch
import Foundation

/// The rate of copying 128 MiB to another 128 MiB, each thread its share.
struct MemoryLimit {
  private static let count = 32 << 20
  private let threads: Int
  private let source = FloatBuffer(count: count)
  private let target = FloatBuffer(count: count)

  /// Memory for some threads.
  init(threads: Int) { self.threads = threads }

  /// Bytes read and written, in GB/s.
  func measure() -> Double {
    let share = Self.count / threads
    nonisolated(unsafe) let (from, to) = (source.base, target.base)
    let time = seconds {
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        memcpy(to + thread * share, from + thread * share, share * 4)
      }
    }
    return 2 * Double(share * threads * 4) / time / 1e9
  }
}
