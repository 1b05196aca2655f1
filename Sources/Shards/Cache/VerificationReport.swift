import Base

/// The findings of a check of every byte of a cache.
package struct VerificationReport: Sendable, Equatable {
  /// A place where a cache is not as it was written.
  package struct Damage: Sendable, Equatable, Encodable {
    /// The file's name.
    package var file: String
    /// The number of the shard, where it is one: what has to be made again.
    package var unit: Int?
    /// The frame of the shard, where only frames are damaged.
    package var frame: Int?
  }

  /// Whether every byte is as it was written.
  package var ok: Bool { problems.isEmpty }
  /// The number of frames that were read.
  package internal(set) var frames: Int
  /// One line a problem, naming the file, and the frame where there is one.
  package internal(set) var problems: [String]
  /// The damaged places, each once.
  package internal(set) var damaged: [Damage]

  /// A report of some frames and what is wrong with them.
  init(frames: Int = 0, problems: [String] = [], damaged: [Damage] = []) {
    self.frames = frames
    self.problems = problems
    self.damaged = damaged
  }

  /// The shards that have to be made again.
  package var damagedUnits: [Int] { Set(damaged.compactMap(\.unit)).sorted() }

  /// Runs a check and keeps its error as a problem of a place.
  @discardableResult
  mutating func attempt<T>(_ place: Damage, _ check: () throws(ShardError) -> T) -> T? {
    do { return try check() } catch {
      note(error.description, at: place)
      return nil
    }
  }

  /// Keeps a problem of a place.
  mutating func note(_ problem: String, at place: Damage) {
    problems.append(problem)
    if !damaged.contains(place) { damaged.append(place) }
  }

  /// Adds what was found elsewhere.
  mutating func add(_ other: VerificationReport) {
    frames += other.frames
    problems += other.problems
    damaged += other.damaged
  }
}

extension VerificationReport: Encodable {
  /// Encodes the verdict `ok`, and what it rests on.
  package func encode(to encoder: any Encoder) throws {
    try encoder.encode(["ok": ok, "frames": frames, "problems": problems, "damaged": damaged])
  }
}
