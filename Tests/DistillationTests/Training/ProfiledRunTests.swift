import Distillation
import Foundation
import Tensors
import TestSupport
import Testing

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
      for time in times.stages {
        #expect(time.forward > 0, "\(time.stage)")
        let isOneWay = [.data, .optimizer, .rest].contains(time.stage)
        #expect((time.backward > 0) == !isOneWay, "\(time.stage)")
      }
    }
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
