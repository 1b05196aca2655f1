import Measuring

/// The trainings of a comparison in their order: to each point at which arms are judged, and to
/// the end.
struct StudySteps {
  /// An arm that was stopped, with the measurements of its runs by name.
  struct Stop {
    let arm: String
    let share: Double
    let measured: [String: RunMeasurement]
  }

  /// The facts known when all training is done.
  struct Ending {
    var stopped: [Stop] = []
    var rounds: [HalvingRound] = []
  }

  let config: ComparisonConfig
  let runs: [StudyRun]
  let measure: StudyMeasure

  /// Trains everything.
  ///
  /// - Parameters:
  ///   - train: Trains runs; returns false where it was interrupted.
  ///   - isInterrupted: Asked before each measurement.
  ///   - progress: Told of measurements and judgements.
  /// - Returns: The facts known at the end; nil where it was interrupted.
  /// - Throws: the errors of training and of the files.
  func run(
    train: ([TrainingOrder]) throws -> Bool, isInterrupted: () -> Bool,
    progress: (Comparison.Stage) -> Void
  ) throws -> Ending? {
    var ending = Ending()
    var going = runs
    let recorded = HalvingRecord.stops(config)
    for share in config.halving?.shares ?? [] {
      guard try train(going.map { TrainingOrder(run: $0, stopAt: stop($0, share)) }) else {
        return nil
      }
      guard let measured = try measurements(going, share, isInterrupted, progress) else {
        return nil
      }
      try judge(&ending, going, share, measured, recorded)
      ending.rounds.last.map { progress(.halved($0)) }
      going.removeAll { run in ending.stopped.contains { $0.arm == run.arm } }
    }
    guard try train(going.map { TrainingOrder(run: $0) }) else { return nil }
    return ending
  }

  private func stop(_ run: StudyRun, _ share: Double) -> Int {
    HalvingConfig.steps(share, of: run.steps)
  }

  private func judge(
    _ ending: inout Ending, _ going: [StudyRun], _ share: Double,
    _ measured: [String: RunMeasurement], _ recorded: [HalvingRecord.Stop]
  ) throws {
    guard let rule = config.halving else { return }
    // The baseline is what the others are held against: it does not race, and never stops.
    let arms = config.arms.map(\.name).filter { name in
      name != config.baseline && going.contains { $0.arm == name }
    }
    let standings = arms.compactMap { arm -> HalvingRound.Standing? in
      let own = going.filter { $0.arm == arm }
      // A run that diverged before the share has no loss there, which is the worst.
      let losses = own.compactMap { run in
        measured[run.name]?.evaluation.nll ?? (run.divergence == nil ? nil : .nan)
      }
      guard losses.count == own.count else { return nil }
      return HalvingRound.Standing(
        arm: arm, nll: losses.reduce(0, +) / Double(losses.count),
        mayStop: own.contains(where: \.isOpen))
    }
    let known = recorded.filter { $0.share == share }.map(\.arm).filter { arm in
      going.contains { $0.arm == arm && $0.isOpen }
    }
    let isLost = going.contains { run in
      measured[run.name] == nil && run.divergence == nil && run.madeSteps > stop(run, share)
    }
    let round =
      isLost && !known.isEmpty
      ? HalvingRound(share: share, standings, recorded: known)
      : HalvingRound(share: share, standings, racing: arms.count, rule: rule)
    ending.rounds.append(round)
    ending.stopped += round.stopped.map { arm in
      let names = going.filter { $0.arm == arm }.map(\.name)
      return Stop(arm: arm, share: share, measured: measured.filter { names.contains($0.key) })
    }
    measure.teacher.rest()
    // What was decided later stays, for as long as it may be needed.
    let later = recorded.filter { stop in
      stop.share > share && !ending.stopped.contains { $0.arm == stop.arm }
    }
    try HalvingRecord.write(
      ending.stopped.map { .init(arm: $0.arm, share: $0.share) } + later, for: config)
  }

  /// Returns the measurement of each run that can be measured at a share of its steps, by name; nil
  /// if it was interrupted.
  private func measurements(
    _ going: [StudyRun], _ share: Double, _ isInterrupted: () -> Bool,
    _ progress: (Comparison.Stage) -> Void
  ) throws -> [String: RunMeasurement]? {
    var found: [String: RunMeasurement] = [:]
    for run in going {
      if isInterrupted() { return nil }
      found[run.name] = try measure.atStep(stop(run, share), of: run) {
        progress(.measuring(run: run.name))
      }
    }
    return found
  }
}
