import Base
import Reports
import Tensors

extension StepTimes: Encodable {
  /// Encodes the stages in milliseconds, each with its share of the step.
  public func encode(to encoder: any Encoder) throws {
    let stages = stages.map { time in
      Answer([
        "stage": time.stage.rawValue, "forwardMilliseconds": time.forward * 1000,
        "backwardMilliseconds": time.backward * 1000, "milliseconds": time.total * 1000,
        "share": share(of: time),
      ])
    }
    try encoder.encode([
      "steps": steps, "skippedSteps": skippedSteps, "milliseconds": total * 1000,
      "stages": stages,
    ])
  }
}

extension StepTimes {
  /// The table, under the number of steps that its means are over, for people.
  /// (`pretrain --profile`, `distill --profile`)
  var text: String {
    guard steps > 0 else { return "profile: no step was left to make" }
    let skipped = skippedSteps > 0 ? ", after \(skippedSteps) of warm-up" : ""
    return "a step, in the mean of \(steps)\(skipped):\n\(table.text)"
  }

  /// The stages that ran, and the whole step.
  private var table: Table {
    var table = Table([
      .words("stage"), .numbers("forward, ms"), .numbers("backward, ms"), .numbers("sum, ms"),
      .numbers("share"),
    ])
    for time in stages where time.total > 0 {
      // Reading and updating have no two directions.
      let hasBackward = time.backward > 0
      table.append([
        time.stage.rawValue, hasBackward ? figure(time.forward) : "",
        hasBackward ? figure(time.backward) : "", figure(time.total),
        Figures.percent(share(of: time)),
      ])
    }
    table.append([
      "step", figure(sum(\.forward)), figure(sum(\.backward)), figure(total), Figures.percent(1),
    ])
    return table
  }

  /// A stage's share of the step, from 0 to 1.
  private func share(of time: StageTime) -> Double { total > 0 ? time.total / total : 0 }

  /// A sum over the stages that have two directions.
  private func sum(_ direction: KeyPath<StageTime, Double>) -> Double {
    stages.filter { $0.backward > 0 }.reduce(0) { $0 + $1[keyPath: direction] }
  }

  private func figure(_ seconds: Double) -> String { Figures.decimal(seconds * 1000, places: 2) }
}
