import Foundation
import Synchronization
import TestRuns
import TestSupport
import Testing
@testable import Training

@Suite struct ReadAheadTests {
  private struct Damaged: Error {}

  /// Counts what a thread has made.
  private final class Counter: Sendable {
    let count = Atomic(0)
    func add() -> Int { count.add(1, ordering: .relaxed).newValue }
  }

  @Test(arguments: [1, 2, 5, 100])
  func valuesComeInOrderAndFewAreMadeAhead(depth: Int) throws {
    let made = Counter()
    let ahead = ReadAhead(10..<60, depth: depth) { number in
      _ = made.add()
      return number
    }
    for number in 10..<60 {
      #expect(try ahead.next() == number)
      // One more may be in the making for the room that this one leaves.
      #expect(made.count.load(ordering: .relaxed) <= number - 10 + 1 + depth)
    }
  }

  @Test func anErrorComesInItsTurn() throws {
    let ahead = ReadAhead(0..<9, depth: 4) { number in
      if number == 3 { throw Damaged() }
      return number
    }
    for number in 0..<3 { #expect(try ahead.next() == number) }
    #expect(throws: Damaged.self) { try ahead.next() }
  }

  /// Whoever loses interest leaves no thread behind, whether it waits or works.
  @Test(arguments: [0, 1, 3])
  func theThreadEndsWithItsOwner(taken: Int) throws {
    weak var witness: Counter?
    do {
      let counter = Counter()
      witness = counter
      let ahead = ReadAhead(0..<1000, depth: 2) { _ in counter.add() }
      for _ in 0..<taken { _ = try ahead.next() }
    }
    for _ in 0..<10_000 where witness != nil { usleep(1000) }
    #expect(witness == nil)
  }

  @Test func nothingToReadIsNoTrouble() {
    _ = ReadAhead(0..<0, depth: 1) { $0 }
  }

  /// A damaged sequence stops a run at the step that needs it, not at the one that computes when
  /// it is read.
  @Test(arguments: [0, 3, 6])
  func damageStopsTheStepThatNeedsTheSequence(damaged: Int) throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.distill, in: folder)
      try flipByte(of: damaged, in: folder.appending(path: "cache"))
      let order = DataOrder(count: 7, seed: 3)
      let visit = try #require((0..<40).first { order.visit($0).sequence == damaged })
      var made = 0
      // Nothing that looks the cache over before the first step.
      let whole = ["evaluation=null", "model.max_position_embeddings=64"]
      #expect(throws: (any Error).self) {
        try run.prepare("run", overrides: whole).run(progress: { made = $0.step })
      }
      #expect(made == visit / 4)
    }
  }

  /// Four sequences lie in a shard; flips a byte in the middle of one's frame.
  private func flipByte(of sequence: Int, in cache: URL) throws {
    let file = cache.appending(path: sequence < 4 ? "shard-00000.kd.zst" : "shard-00001.kd.zst")
    var bytes = try Data(contentsOf: file)
    let inner = sequence % 4
    let count = sequence < 4 ? 4 : 3
    let index = bytes.count - 48 - 36 * count  // The entries begin with the frames' sizes.
    let sizes = (0..<count).map { frame in
      bytes[(index + 36 * frame)...].prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let start = sizes[..<inner].reduce(0, +)
    bytes[start + sizes[inner] / 2] ^= 1
    try bytes.write(to: file)
  }
}
