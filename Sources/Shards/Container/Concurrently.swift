import Dispatch
import Synchronization

/// Work on several threads.
enum Concurrently {
  /// The results of `body` for 0 ..< count, in order.
  ///
  /// `progress` is told how many are done, from one thread at a time.
  static func map<Value: Sendable>(
    _ count: Int, threads: Int, progress: @escaping @Sendable (Int) -> Void = { _ in },
    _ body: @Sendable (Int) -> Value
  ) -> [Value] {
    let results = Mutex<(values: [Int: Value], done: Int)>(([:], 0))
    let next = Atomic<Int>(0)
    withoutActuallyEscaping(body) { body in
      DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
        while true {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < count else { return }
          let value = body(index)
          results.withLock {
            $0.values[index] = value
            $0.done += 1
            progress($0.done)
          }
        }
      }
    }
    return results.withLock { state in (0..<count).compactMap { state.values[$0] } }
  }
}
