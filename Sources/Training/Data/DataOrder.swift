import Base
import Capture
import Dispatch
import Foundation
import Synchronization
import Tensors

/// The order in which training visits its sequences: a fresh shuffle for every epoch.
///
/// A visit is a function of its number alone, computed without a list of the sequences: resuming is
/// exact at any step, and the memory is the same for any size of data.
public struct DataOrder: Sendable {
  /// One visit to a sequence.
  public struct Visit: Sendable, Equatable {
    /// The number of times that every sequence has been visited before.
    public var epoch: Int
    /// The sequence's number in the data.
    public var sequence: Int
  }

  /// The name of the order, which a run records: under another one, it would go on with sequences
  /// that it has seen.
  package static let algorithm = "swap-or-not shuffle, 1"

  private let count: Int
  private let seed: UInt64

  /// The order of `count` sequences under a seed.
  public init(count: Int, seed: UInt64) {
    precondition(count > 0, "no sequences to order")
    self.count = count
    self.seed = seed
  }

  /// The visit of a number, counted from 0 over all epochs.
  public func visit(_ number: Int) -> Visit {
    let (epoch, place) = number.quotientAndRemainder(dividingBy: count)
    var keys = SplitMix64(seed: seed, name: "epoch \(epoch)")
    return Visit(epoch: epoch, sequence: KeyedPermutation(count: count, key: keys.next())[place])
  }
}

/// A permutation of 0 ..< count that a key chooses: any place is computed on its own, in no memory.
///
/// The swap-or-not shuffle (Hoang, Morris & Rogaway, CRYPTO 2012): round after round the numbers
/// are paired by `partner = k − x mod count`, and a keyed coin a pair says whether the two change
/// places. It needs no domain larger than `count`, and its permutations are of both parities.
package struct KeyedPermutation: Sendable {
  /// Twice the logarithm of any count that fits a machine, rounded down; each round halves what an
  /// observer could still tell of the order before.
  private static let rounds = 90

  /// The count of permuted numbers.
  package let count: Int
  private let key: UInt64

  /// The permutation of `count` numbers that belongs to a key.
  package init(count: Int, key: UInt64) {
    precondition(count > 0, "nothing to permute")
    self.count = count
    self.key = key
  }

  /// The number that comes at a place.
  ///
  /// - Precondition: `0 <= place < count`.
  package subscript(_ place: Int) -> Int {
    precondition(place >= 0 && place < count, "place \(place) of \(count)")
    let n = UInt64(count)
    var x = UInt64(place)
    var rounds = SplitMix64(seed: key)
    for _ in 0..<Self.rounds {
      let pairing = rounds.next().multipliedFullWidth(by: n).high  // uniform over 0 ..< n
      let partner = x <= pairing ? pairing - x : n - x + pairing
      var coin = SplitMix64(seed: rounds.next() ^ max(x, partner))
      if coin.next() >> 63 == 1 { x = partner }
    }
    return Int(x)
  }
}

/// The sequences of each step, read on another thread while the step before computes.
///
/// A function of the step's number alone: reading ahead changes when a sequence is read, never
/// which.
struct StepBatches {
  /// The steps whose sequences wait at most.
  static let depth = 2

  private let ahead: ReadAhead<[[TrainingSample]]>
  private let order: DataOrder
  private let sequencesPerStep: Int

  /// The batches of some steps of a run.
  init(_ steps: Range<Int>, of data: TrainingData, order: DataOrder, _ config: TrainingConfig) {
    let (size, count) = (config.batchSize, config.gradientAccumulationSteps)
    self.order = order
    sequencesPerStep = size * count
    ahead = ReadAhead(steps, depth: Self.depth) { step in
      try (0..<count).map { batch in
        try (0..<size).map {
          let visit = order.visit((step * count + batch) * size + $0)
          return try data.sample(visit.sequence, epoch: visit.epoch)
        }
      }
    }
  }

  /// The numbers in the data of a step's sequences, in ascending order.
  func sequences(of step: Int) -> [Int] {
    let visits = (step * sequencesPerStep)..<((step + 1) * sequencesPerStep)
    return Set(visits.map { order.visit($0).sequence }).sorted()
  }

  /// The micro-batches of the next step.
  ///
  /// - Throws: `ShardError` where the cache is damaged.
  func next() throws -> [[TrainingSample]] { try ahead.next() }

  /// The least bytes of the sequences of the steps in memory: tokens, and what a sample is kept in.
  static func bytes(_ training: TrainingConfig, sequenceLength: Int) -> Int {
    (depth + 1) * training.batchSize * training.gradientAccumulationSteps
      * (4 * sequenceLength + MemoryLayout<TrainingSample>.stride)
  }
}

/// Values made ahead by another thread, a bounded number of them, and handed out in order.
///
/// An error is thrown to whoever asks for the value that could not be made; nothing is made after
/// it. The thread ends with the values, with an error, or with this object.
final class ReadAhead<Value: Sendable>: Sendable {
  private let queue: ReadyQueue<Value>

  /// Begins to make the values of some numbers, at most `depth` more than were asked for.
  init(_ numbers: Range<Int>, depth: Int, make: @escaping @Sendable (Int) throws -> Value) {
    precondition(depth > 0, "nothing can be read ahead into no room")
    let queue = ReadyQueue<Value>(depth: depth)
    self.queue = queue
    // The thread holds the queue, not this object, whose end ends the thread.
    let thread = Thread {
      for number in numbers {
        guard queue.waitForRoom() else { return }
        let result = Result { try make(number) }
        queue.put(result)
        if case .failure = result { return }
      }
    }
    thread.name = "read-ahead"
    thread.start()
  }

  deinit { queue.close() }

  /// The next value; waits until it is made.
  ///
  /// - Precondition: There is one: no more are asked for than numbers were given, none after an
  ///   error.
  func next() throws -> Value { try queue.take().get() }
}

/// Results that wait to be taken; one thread puts them in, another takes them out.
private final class ReadyQueue<Value: Sendable>: Sendable {
  private struct State {
    var results: [Result<Value, any Error>] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  // Dispatch traps when a semaphore goes with less in it than at first: both begin with nothing.
  private let room = DispatchSemaphore(value: 0)
  private let ready = DispatchSemaphore(value: 0)

  init(depth: Int) {
    for _ in 0..<depth { room.signal() }
  }

  /// Waits for room; false when there is no more use for results.
  func waitForRoom() -> Bool {
    room.wait()
    return state.withLock { !$0.isClosed }
  }

  func put(_ result: Result<Value, any Error>) {
    state.withLock { $0.results.append(result) }
    ready.signal()
  }

  func take() -> Result<Value, any Error> {
    ready.wait()
    defer { room.signal() }
    return state.withLock { $0.results.removeFirst() }
  }

  func close() {
    state.withLock {
      $0.isClosed = true
      $0.results = []
    }
    room.signal()
  }
}
