import Losses
import Measuring
import Models
import Tensors
import Training

/// The cost of a comparison, estimated from a few steps of each kind of run.
package struct StudyPlan: Sendable, Equatable {
  /// The runs of the comparison.
  package var runs: Int
  /// Those that are not finished.
  package var openRuns: Int
  /// The steps of a run, where all have the same.
  package var stepsPerRun: Int?
  /// The steps to be made, all runs together; with halving, as many as its rule leaves.
  ///
  /// Runs that patience will end are taken for whole.
  package var steps: Int
  /// Their predictions.
  package var tokens: Int
  /// The seconds of these steps.
  package var trainingSeconds: Double
  /// The seconds of the measurements on the way and at the end.
  package var measuringSeconds: Double
  /// The bytes of the process of the largest run.
  package var peakBytes: Int
  /// The bytes of weights, gradients, moments and activations of the largest run.
  package var neededBytes = 0
  /// The bytes of the largest student that is measured, and of the teacher beside it.
  package var measuringBytes = 0
  /// Whether all speeds come from steps that were made; else the time is a lower bound.
  package var isMeasured: Bool

  /// The predictions trained on per second.
  package var tokensPerSecond: Double {
    trainingSeconds > 0 ? Double(tokens) / trainingSeconds : 0
  }
  /// The seconds of training and measuring.
  package var seconds: Double { trainingSeconds + measuringSeconds }

  /// As many of the wanted processes as there is work and memory for; at least one.
  package func jobs(_ wanted: Int, memory: Int) -> Int {
    // A tenth stays for the system and for the process that watches the others.
    let fitting = peakBytes > 0 ? memory / 10 * 9 / peakBytes : wanted
    return max(1, min(wanted, openRuns, fitting))
  }
}

extension Comparison {
  /// Estimates what is left of the comparison.
  ///
  /// - Parameter memory: The bytes that this process may use.
  /// - Returns: The estimate; nil where every run is finished.
  /// - Throws: `TrainingError`.
  package func plan(memory: Int) throws -> StudyPlan? {
    let stopped = HalvingRecord.stops(config).map(\.arm)
    let open = runs.filter { $0.isOpen && !stopped.contains($0.arm) }
    guard !open.isEmpty else { return nil }
    var kinds: [RunKind: TrainingPlan] = [:]
    var plan = StudyPlan(
      runs: runs.count, openRuns: open.count, stepsPerRun: nil, steps: 0, tokens: 0,
      trainingSeconds: 0, measuringSeconds: 0, peakBytes: 0, isMeasured: true)
    // Once arms are stopped, the others go on to the end as far as the rule tells by now.
    let share = stopped.isEmpty ? config.halving?.workShare(of: config.arms.count) ?? 1 : 1
    for run in open {
      let kind = RunKind(run)
      let cost = try kinds[kind] ?? trial(run, kind, memory)
      kinds[kind] = cost
      plan.add(
        run, cost, share: share,
        measured: measures.reduce(0) { $0 + $1.predictionCount })
    }
    plan.measuringBytes =
      open.flatMap { run in measures.map { $0.neededBytes(run.student) } }.max() ?? 0
    let lengths = Set(runs.map(\.steps))
    plan.stepsPerRun = lengths.count == 1 ? lengths.first : nil
    return plan
  }

  private func trial(_ run: StudyRun, _ kind: RunKind, _ memory: Int) throws -> TrainingPlan {
    defer { Pool.trim() }
    var plan = try TrainingPlan.make(
      run.student, run.config, sequenceLength: run.sequenceLength, memory: memory)
    // With a cache the trial's targets are stored ones; a teacher has its forward pass besides.
    if plan.source == .measured, run.config.cache != nil {
      plan.tokensPerSecond /= 1 + kind.teacherShare
    }
    return plan
  }
}

extension StudyPlan {
  /// Adds the work that is left of a run.
  fileprivate mutating func add(
    _ run: StudyRun, _ cost: TrainingPlan, share: Double, measured tokens: Int
  ) {
    // Runs that the rule has stopped stay open; the shares are those of the runs on average.
    let open = max(0, Int((Double(run.steps) * share).rounded(.up)) - run.madeSteps)
    let inTime = run.config.training.maxSeconds.map { seconds in
      (seconds * cost.tokensPerSecond / Double(cost.tokensPerStep)).rounded(.up)
    }
    let left = Int(min(Double(open), inTime ?? .infinity))
    let count = run.heldOutCount ?? 0
    let onTheWay = run.config.evaluation?.every.map { left / $0 * count } ?? 0
    steps += left
    self.tokens += left * cost.tokensPerStep
    trainingSeconds += Double(left * cost.tokensPerStep) / cost.tokensPerSecond
    // A forward pass is a third of a step.
    measuringSeconds += Double(onTheWay + tokens) / 3 / cost.tokensPerSecond
    peakBytes = max(peakBytes, cost.peakBytes)
    neededBytes = max(neededBytes, cost.neededBytes)
    isMeasured = isMeasured && cost.source == .measured
  }
}

/// The properties that a run's speed depends on.
private struct RunKind: Hashable {
  let student: String
  let batchSize: Int
  let sequenceLength: Int
  let isRounded: Bool
  let hasTargets: Bool
  /// The operations of a live teacher's forward pass over those of the student's step.
  let teacherShare: Double

  init(_ run: StudyRun) {
    student = String(decoding: run.student.huggingFaceJSON(), as: UTF8.self)
    batchSize = run.config.training.batchSize
    sequenceLength = run.sequenceLength
    isRounded = run.config.training.bf16
    hasTargets = run.config.loss.soft != nil
    let step = OperationCounts(run.student, context: run.sequenceLength).training
    teacherShare =
      run.teacher.map { OperationCounts($0, context: run.sequenceLength).forward / step } ?? 0
  }
}
