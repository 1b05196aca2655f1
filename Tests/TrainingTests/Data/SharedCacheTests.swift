import Foundation
import Shards
import TestRuns
import TestSupport
import Testing
@testable import Training

/// Several students read one cache at the same time.
@Suite struct SharedCacheTests {
  @Test func anyNumberOfThreadsReadsTheSame() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let reader = try TinyCache().build(Tiny.sequences(23), in: folder)
    let expected = try (0..<reader.count).map { try reader.sequence(at: $0) }
    try await withThrowingTaskGroup(of: [Int: CachedSequence].self) { group in
      for student in 0..<6 {
        group.addTask {
          // Every second student has opened the cache for itself.
          let own = student.isMultiple(of: 2) ? reader : try CacheReader(directory: folder)
          let order = DataOrder(count: own.count, seed: UInt64(student))
          var seen: [Int: CachedSequence] = [:]
          for visit in 0..<(2 * own.count) {
            let sequence = order.visit(visit).sequence
            seen[sequence] = try own.sequence(at: sequence)
          }
          return seen
        }
      }
      for try await seen in group {
        #expect(seen.count == expected.count)
        #expect(seen.allSatisfy { $0.value == expected[$0.key] })
      }
    }
  }
}
