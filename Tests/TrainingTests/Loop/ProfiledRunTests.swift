@testable import Losses
import Tensors
import TestRuns
import TestSupport
import Testing
@testable import Training

/// A recorded run is the same run, and every part of it is named.
@Suite struct ProfiledRunTests {
  @Test(arguments: TinyRun.Kind.allCases)
  func theWeightsAndLossesAreTheSameBits(kind: TinyRun.Kind) throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(kind, in: folder)
      _ = try run.prepare("plain").run()
      _ = try run.prepare("profiled").run(profile: Profile())
      let (plain, profiled) = (
        try RunTrace(run.output("plain")), try RunTrace(run.output("profiled"))
      )
      let isSame = plain.weights == profiled.weights
      #expect(isSame, "weights")
      // Losses, gradient norms and held-out measurements, to the last digit.
      #expect(plain.metrics == profiled.metrics)
      #expect(plain.metrics.contains { $0.gradientNorm != nil })
    }
  }

  @Test func everyStageOfAMixtureIsNamedAndTheyAddUp() throws {
    try withTemporaryDirectory { folder in
      let profile = Profile()
      var began = ContinuousClock.now
      let run = try TinyRun(.distill, in: folder).prepare("run")
      _ = try run.run(profile: profile, isInterrupted: { false }) {
        if $0.step == Profile.warmupSteps { began = .now }
      }
      let elapsed = (ContinuousClock.now - began) / .seconds(1)
      let times = profile.times
      #expect((times.steps, times.skippedSteps) == (8, 2))
      #expect(times.total * Double(times.steps) <= elapsed)
      #expect(times.stages.map(\.stage) == Profile.Stage.allCases)
      for time in times.stages where time.stage != .teacher {
        #expect(time.forward > 0, "\(time.stage)")
        let isOneWay = [.data, .optimizer, .rest].contains(time.stage)
        #expect((time.backward > 0) == !isOneWay, "\(time.stage)")
      }
    }
  }

  /// The loss computes its gradient on the way forward; its products are backward all the same.
  @Test func theLossesGradientCountsAsItsBackward() {
    let (hidden, output) = (Tensor.random([6, 8]), Tensor.random([40, 8]))
    let profile = Profile()
    let targets = LossTargets(
      labels: [1, 2, 3, 4, 5, 6], signal: nil, soft: Array(repeating: 0, count: 6),
      hard: Array(repeating: 1, count: 6))
    profile.step {
      _ = Profile.stage(.loss) {
        distillationLoss(hidden: hidden, output: output, targets, normalizer: 6)
      }
    }
    let loss = profile.times.stages.first { $0.stage == .loss }
    #expect((loss?.forward ?? 0) > 0 && (loss?.backward ?? 0) > 0)
  }

  @Test func aFinishedRunHasNoStepsToRecord() throws {
    try withTemporaryDirectory { folder in
      let run = try TinyRun(.cachedTokens, in: folder)
      _ = try run.prepare("run").run()
      let profile = Profile()
      _ = try run.prepare("run").run(profile: profile)
      #expect(profile.times.steps == 0 && profile.times.total == 0)
    }
  }
}
