import Base
import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import Tensors

@Suite struct ProfileTests {
  /// Waits until a clock has gone on, so that a stage's time is not zero.
  private func spend(_ time: Duration = .microseconds(200)) {
    let began = ContinuousClock.now
    while ContinuousClock.now - began < time {}
  }

  private func time(_ stage: Profile.Stage, _ times: StepTimes) -> StepTimes.StageTime {
    times.stages.first { $0.stage == stage } ?? .init(stage: stage, forward: -1, backward: -1)
  }

  @Test func anInstantBelongsToTheInnermostStage() {
    let profile = Profile()
    let began = ContinuousClock.now
    profile.step {
      spend()
      Profile.stage(.attention) {
        Profile.stage(.norms) { spend() }
        Profile.backward(of: .norms) { spend() }
      }
    }
    let elapsed = (ContinuousClock.now - began) / .seconds(1)
    let times = profile.times
    #expect(time(.norms, times).forward >= 2e-4 && time(.norms, times).backward >= 2e-4)
    #expect(time(.rest, times).forward >= 2e-4)
    // If attention had the time of the norms inside it, too, the sum would be more than the whole.
    #expect(times.total >= 6e-4 && times.total <= elapsed)
    #expect(time(.loss, times).total == 0)
  }

  @Test func aBackwardBelongsToTheStageOfItsForward() {
    let profile = Profile()
    let x = Tensor([2], [1, 2], requiresGradient: true)
    profile.step {
      let y = Profile.stage(.experts) {
        Tensor.apply([x], shape: [1]) {
          $0[0] = x.values[0]
        } backward: { _ in
          spend()
        }
      }
      Profile.stage(.loss) { y + y }.backward()
    }
    let times = profile.times
    #expect(time(.experts, times).backward >= 2e-4)
    #expect(time(.loss, times).backward > 0)
    #expect(time(.attention, times).backward == 0)
  }

  /// The embedding runs in the warm-up only, so that its time tells whether that was left out.
  @Test(arguments: [(1, 1, 0), (2, 2, 0), (3, 1, 2), (7, 5, 2)])
  func theFirstTwoStepsWarmUp(made: Int, counted: Int, skipped: Int) {
    let profile = Profile()
    for step in 0..<made {
      profile.step {
        Profile.stage(step < Profile.warmupSteps ? .embedding : .data) { spend() }
      }
    }
    let times = profile.times
    #expect((times.steps, times.skippedSteps) == (counted, skipped))
    #expect((time(.embedding, times).forward == 0) == (skipped > 0))
    #expect((time(.data, times).forward >= 2e-4) == (skipped > 0))
  }

  @Test func withoutAProfileNothingIsRecorded() throws {
    let profile = Profile()
    let x = Tensor([2], [1, 2], requiresGradient: true)
    let y = Profile.stage(.loss) { x + x }
    #expect(y.node?.stage == .rest)
    Profile.backward(of: .loss) { spend() }
    #expect(profile.times.total == 0 && profile.times.steps == 0)
    profile.step {}
    let before = profile.times.total
    Profile.stage(.loss) { spend() }
    #expect(profile.times.total == before)
  }

  @Test func otherThreadsAreNotRecorded() {
    let profile = Profile()
    let stages = Mutex<[Profile.Stage]>([])
    profile.step {
      Profile.stage(.data) {
        let done = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
          Profile.stage(.attention) { spend() }
          stages.withLock { $0.append(Profile.runningStage) }
          done.signal()
        }
        done.wait()
      }
    }
    #expect(stages.withLock { $0 } == [.rest])
    #expect(time(.attention, profile.times).total == 0)
    #expect(time(.data, profile.times).total >= 2e-4)
  }

  /// Units of the pool run on the recorded thread, too, and must not upset the record.
  @Test func stagesInsideTheThreadPoolStillAddUp() {
    let profile = Profile()
    let began = ContinuousClock.now
    profile.step {
      Parallel.forEach(64) { _ in
        Profile.stage(.attention) { Profile.stage(.norms) { spend(.microseconds(20)) } }
      }
    }
    #expect(profile.times.total <= (ContinuousClock.now - began) / .seconds(1))
    #expect(profile.times.total > 0)
  }

  @Test func aStageThatThrowsIsLeft() throws {
    struct Failure: Error {}
    let profile = Profile()
    var after: Profile.Stage?
    profile.step {
      #expect(throws: Failure.self) {
        try Profile.stage(.data) { () throws(Failure) in throw Failure() }
      }
      after = Profile.runningStage
    }
    #expect(after == .rest)
    #expect(throws: Failure.self) { try profile.step { throw Failure() } }
    #expect(Profile.runningStage == .rest && profile.times.steps == 2)
  }
}
