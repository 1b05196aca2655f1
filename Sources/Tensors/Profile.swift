import Synchronization

/// The time of training steps, stage by stage.
///
/// Every instant of a step belongs to the innermost stage that runs then, an operation's backward
/// to the stage that its forward ran in, and what runs in no stage to ``Stage/rest``: the stages
/// add up to the step. It is wall time as the thread that called ``step(_:)`` sees it, which waits
/// for the pool inside an operation; what other threads do on their own is not recorded.
///
/// The current profile is task-local: without one, a stage costs a look-up and a nil check, and
/// runs in different threads (or tests) do not see one another's.
package final class Profile: Sendable {
  /// A part of a training step.
  package enum Stage: String, CaseIterable, Sendable {
    /// Waiting for the sequences, which another thread reads and decodes ahead.
    case data
    /// A live teacher's pass, with all that its layers do.
    case teacher
    /// The look-up of the tokens' embeddings.
    case embedding
    /// The RMS norms of the residual stream; the QK norm counts as attention.
    case norms
    /// Projections, rotation, QK norm, scores and mixing.
    case attention
    /// The choice of the experts, their scores, and the auxiliary losses.
    case router
    /// The routed and the shared experts of a mixture.
    case experts
    /// The feed-forward of a dense layer.
    case feedForward = "feed-forward"
    /// The vocabulary projection and the losses, and what prepares their targets.
    case loss
    /// Clipping, the update, and clearing the gradients.
    case optimizer
    /// Everything else.
    case rest
  }

  /// The number of a run's first steps left out: they fill the memory pool and the caches.
  package static let warmupSteps = 2

  @TaskLocal private static var current: Profile?
  private let recording = Mutex(Recording())

  /// A profile of no steps.
  package init() {}

  /// Runs one training step and records it.
  package func step<Result>(_ body: () throws -> Result) rethrows -> Result {
    recording.withLock { $0.begin() }
    defer { recording.withLock { $0.end() } }
    return try Self.$current.withValue(self, operation: body)
  }

  /// Runs `body` as a part of the forward pass; without a profile, just runs it.
  package static func stage<Result, Failure: Error>(
    _ stage: Stage, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try record(Part(stage: stage, isBackward: false), body)
  }

  /// Runs `body` as the backward of a stage; without a profile, just runs it.
  package static func backward<Result, Failure: Error>(
    of stage: Stage, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try record(Part(stage: stage, isBackward: true), body)
  }

  /// The stage that runs now; `rest` without a profile.
  static var runningStage: Stage {
    current?.recording.withLock { $0.running.stage } ?? .rest
  }

  /// The mean times of the steps recorded, those of warm-up left out when there are others.
  package var times: StepTimes { recording.withLock { $0.times } }

  private static func record<Result, Failure: Error>(
    _ part: Part, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // What a teacher's layers do is its own, not the student's.
    guard let profile = current, runningStage != .teacher else { return try body() }
    let outer = profile.enter(part)
    defer { _ = profile.enter(outer) }
    return try body()
  }

  /// Begins a part, and returns the one that it interrupts.
  private func enter(_ part: Part) -> Part { recording.withLock { $0.enter(part) } }
}

/// One direction of a stage.
private struct Part: Hashable {
  static let rest = Part(stage: .rest, isBackward: false)

  let stage: Profile.Stage
  let isBackward: Bool
}

/// The time of each part so far, and the part that runs.
private struct Recording {
  private(set) var running = Part.rest
  private var since = ContinuousClock.now
  private var spent: [Part: Duration] = [:]
  private var steps = 0

  mutating func begin() {
    // The warm-up is forgotten only now, so that a shorter run shows something.
    if steps == Profile.warmupSteps { spent = [:] }
    running = .rest
    since = .now
  }

  mutating func end() {
    _ = enter(.rest)
    steps += 1
  }

  mutating func enter(_ part: Part) -> Part {
    let now = ContinuousClock.now
    spent[running, default: .zero] += now - since
    defer {
      running = part
      since = now
    }
    return running
  }

  var times: StepTimes {
    let skipped = steps > Profile.warmupSteps ? Profile.warmupSteps : 0
    let counted = steps - skipped
    func mean(_ stage: Profile.Stage, isBackward: Bool) -> Double {
      let time = spent[Part(stage: stage, isBackward: isBackward)] ?? .zero
      return time / .seconds(1) / Double(max(counted, 1))
    }
    return StepTimes(
      steps: counted, skippedSteps: skipped,
      stages: Profile.Stage.allCases.map {
        StepTimes.StageTime(
          stage: $0, forward: mean($0, isBackward: false), backward: mean($0, isBackward: true))
      })
  }
}

/// The mean time of a training step, and of each of its stages.
package struct StepTimes: Sendable, Equatable {
  /// A stage's part of a step.
  package struct StageTime: Sendable, Equatable {
    /// The stage.
    package let stage: Profile.Stage
    /// The seconds of its forward a step, or of the stage itself where it has no two directions.
    package let forward: Double
    /// The seconds of its backward a step.
    package let backward: Double

    /// The seconds of both a step.
    package var total: Double { forward + backward }
  }

  /// The steps that the means are of.
  package let steps: Int
  /// The steps before them that were left out.
  package let skippedSteps: Int
  /// Every stage, in the order of a step.
  package let stages: [StageTime]

  /// The seconds of a whole step.
  package var total: Double { stages.reduce(0) { $0 + $1.total } }
}
