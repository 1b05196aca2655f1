import Reports
import Tensors

/// Where the time of a training step went. (`pretrain --profile`, `distill --profile`)
struct ProfileSummary: Encodable {
  /// A stage's part of a step.
  struct Stage: Encodable {
    /// The stage's name.
    var stage: String
    /// The milliseconds of its forward a step.
    var forwardMilliseconds: Double
    /// The milliseconds of its backward a step.
    var backwardMilliseconds: Double
    /// The milliseconds of both a step.
    var milliseconds: Double
    /// Its share of the step, from 0 to 1.
    var share: Double
  }

  /// The steps that the means are of.
  var steps: Int
  /// The steps of warm-up before them.
  var skippedSteps: Int
  /// The milliseconds of a step.
  var milliseconds: Double
  /// Every stage, in the order of a step; those that did not run are zero.
  var stages: [Stage]

  /// A summary of mean times.
  init(_ times: StepTimes) {
    (steps, skippedSteps) = (times.steps, times.skippedSteps)
    milliseconds = times.total * 1000
    stages = times.stages.map { time in
      Stage(
        stage: time.stage.rawValue, forwardMilliseconds: time.forward * 1000,
        backwardMilliseconds: time.backward * 1000, milliseconds: time.total * 1000,
        share: times.total > 0 ? time.total / times.total : 0)
    }
  }

  /// The table with what its means are of, for people.
  var text: String {
    guard steps > 0 else { return "profile: no step was left to make" }
    let skipped = skippedSteps > 0 ? ", after \(skippedSteps) of warm-up" : ""
    return "a step, in the mean of \(steps)\(skipped):\n\(table.text)"
  }

  /// The stages that ran, and the whole step.
  var table: Table {
    var table = Table([
      .words("stage"), .numbers("forward, ms"), .numbers("backward, ms"), .numbers("sum, ms"),
      .numbers("share"),
    ])
    for stage in stages where stage.milliseconds > 0 {
      // Reading and updating have no two directions.
      let hasBackward = stage.backwardMilliseconds > 0
      table.append([
        stage.stage, hasBackward ? Self.figure(stage.forwardMilliseconds) : "",
        hasBackward ? Self.figure(stage.backwardMilliseconds) : "",
        Self.figure(stage.milliseconds), Figures.percent(stage.share),
      ])
    }
    table.append([
      "step", Self.figure(sum(\.forwardMilliseconds)), Self.figure(sum(\.backwardMilliseconds)),
      Self.figure(milliseconds), Figures.percent(1),
    ])
    return table
  }

  /// A sum over the stages that have two directions.
  private func sum(_ direction: KeyPath<Stage, Double>) -> Double {
    stages.filter { $0.backwardMilliseconds > 0 }.reduce(0) { $0 + $1[keyPath: direction] }
  }

  private static func figure(_ milliseconds: Double) -> String {
    Figures.decimal(milliseconds, places: 2)
  }
}
