package import Base
import Foundation
package import Training

/// Several runs, trained and measured on the same text by the same teacher: arms, each with every
/// seed.
///
/// All runs of a seed see the same data in the same order and, where the students are alike, begin
/// with the same weights, because both are functions of `training.seed`: that is what makes their
/// differences paired.
///
/// ```swift
/// let config = try ComparisonConfig.read(file: "compare.yaml")
/// let comparison = try Comparison(config, version: "1", command: CommandLine.arguments)
/// if case .finished(let result) = try comparison.run() {
///   for arm in try StudyReport(result).arms { print(arm.name, arm.nll) }
/// }
/// ```
package struct Comparison {
  /// A stage of the work, for a progress line.
  package enum Stage: Sendable {
    /// A remark on a run.
    case note(run: String, String)
    /// A run made a step.
    case training(run: String, StepNews, StudyProgress)
    /// A student is measured.
    case measuring(run: String)
    /// The arms were judged, and some stop.
    case halved(HalvingRound)
  }

  /// The outcome of a comparison.
  package enum Outcome: Sendable {
    /// Every run is trained and measured.
    case finished(StudyResult)
    /// Stopped in the middle of runs, which are saved.
    case interrupted
  }

  let config: ComparisonConfig
  let runs: [StudyRun]
  private let version: String
  private let command: [String]
  private let orders: [SequenceOrder]
  let teacher: StudyTeacher
  /// The texts to measure with, the one that ranks the arms first.
  let measures: [StudyMeasure]
  /// Remarks to show before the first run, each as one line.
  package let notes: [String]

  /// A comparison whose every config was read and whose inputs fit; nothing is trained yet.
  ///
  /// - Throws: ``ComparisonError``, which names the arm; `PreparationError` where the teacher does
  ///   not fit, or where a run trains on what all are measured on; the errors of that text.
  package init(_ config: ComparisonConfig, version: String, command: [String]) throws {
    self.config = config
    self.version = version
    self.command = command
    let checked = try StudyRun.checked(config)
    runs = checked.runs
    orders = runs.map { SequenceOrder($0) }
    let teacher = try StudyTeacher(config.teacher, beside: checked.runs)
    self.teacher = teacher
    measures = try config.sets.enumerated().map { place, set in
      try StudyMeasure(
        set, config, checked, beside: teacher, prompts: place == 0 ? config.prompts : [])
    }
    notes = measures.flatMap(\.notes)
  }

  /// Trains the runs that are not finished yet, then measures those that were not before.
  ///
  /// - Parameters:
  ///   - makeWorkers: The workers that train the runs; asked for once the folder is there and
  ///     locked, so that an estimate is made of a comparison that can begin.
  ///   - isInterrupted: Asked after each step and before each measurement.
  ///   - progress: Told of every stage.
  /// - Returns: The outcome.
  /// - Throws: the errors of training and of the files, and that of `makeWorkers`.
  package func run(
    _ makeWorkers: @autoclosure () throws -> StudyWorkers = .inProcess,
    isInterrupted: () -> Bool = { false }, progress: (Stage) -> Void = { _ in }
  ) throws -> Outcome {
    let folder = try StudyFolder(config.output)
    let workers: StudyWorkers
    do {
      workers = try makeWorkers()
    } catch {
      folder.removeIfNew()
      throw error
    }
    let steps = StudySteps(config: config, runs: runs, measure: measures[0])
    let ending = try steps.run(
      train: { try train($0, workers, isInterrupted, progress) }, isInterrupted: isInterrupted,
      progress: progress)
    guard let ending, let rows = try rows(ending, isInterrupted, progress) else {
      return .interrupted
    }
    return try withExtendedLifetime(folder) { .finished(try result(ending, rows)) }
  }

  private func train(
    _ orders: [TrainingOrder], _ workers: StudyWorkers, _ isInterrupted: () -> Bool,
    _ progress: (Stage) -> Void
  ) throws -> Bool {
    let waiting = orders.filter { !$0.isDone }
    guard !waiting.isEmpty else { return true }
    var tally = StudyTally(orders)
    let tell: (TrainingEvent) -> Void = { event in
      switch event {
      case .note(let run, let text): progress(.note(run: run, text))
      case .step(let run, let news):
        tally.add(run, step: news.step)
        progress(.training(run: run, news, tally.progress))
      case .ended(let run): tally.end(run)
      case .diverged(let run, let text):
        tally.end(run)
        progress(.note(run: run, text))
      }
    }
    switch workers {
    case .inProcess:
      return try LocalTraining(version: version, command: command).train(
        waiting, isInterrupted: isInterrupted, tell: tell)
    case .processes(let pool):
      return try pool.train(waiting, isInterrupted: isInterrupted, tell: tell)
    }
  }

  /// The runs of the arms that were not stopped, measured but for those that diverged; nil where it
  /// was interrupted.
  private func rows(
    _ ending: StudySteps.Ending, _ isInterrupted: () -> Bool, _ progress: (Stage) -> Void
  ) throws -> [StudyResult.Row]? {
    var rows: [StudyResult.Row] = []
    for run in ranked(ending) where run.divergence == nil {
      var measured: [RunMeasurement] = []
      for measure in measures {
        if isInterrupted() { return nil }
        measured.append(try measure.final(run) { progress(.measuring(run: run.name)) })
      }
      rows.append(row(run, measured))
    }
    return rows
  }

  private func ranked(_ ending: StudySteps.Ending) -> [StudyRun] {
    runs.filter { run in !ending.stopped.contains { $0.arm == run.arm } }
  }

  private func result(
    _ ending: StudySteps.Ending, _ rows: [StudyResult.Row]
  ) throws -> StudyResult {
    let diverged = runs.compactMap { run in run.divergence.map { (run, $0) } }
    let ranked = ranked(ending)
    let stopped = ending.stopped.map { stop in
      StudyResult.StoppedArm(
        name: stop.arm, share: stop.share,
        rows: runs.compactMap { run in stop.measured[run.name].map { row(run, [$0]) } })
    }
    let arms = config.arms.compactMap { arm -> StudyResult.Arm? in
      guard let first = ranked.first(where: { $0.arm == arm.name }) else { return nil }
      return StudyResult.Arm(
        name: arm.name, config: first.config, rows: rows.filter { $0.arm == arm.name },
        divergedSeeds: diverged.filter { $0.0.arm == arm.name }.map(\.0.seed),
        isPlain: first.isPlain)
    }
    let measured = try measures.compactMap { try $0.teacherMeasurement() }
    return StudyResult(
      arms: arms,
      diverged: diverged.map { run, divergence in
        .init(
          name: run.name, arm: run.arm, seed: run.seed, folder: run.folder, divergence: divergence)
      }, stopped: stopped, rounds: ending.rounds, halving: config.halving,
      sets: config.sets.compactMap(\.name), baseline: config.baseline, budget: config.budget,
      students: config.students,
      teachers: measured.map(\.evaluation), teacherFingerprint: teacher.fingerprint,
      teacherSamples: measured.first?.samples ?? [], rows: rows, textNotes: notes)
  }

  private func row(_ run: StudyRun, _ measured: [RunMeasurement]) -> StudyResult.Row {
    StudyResult.Row(
      name: run.name, arm: run.arm, seed: run.seed, folder: run.folder, config: run.config,
      state: measured[0].state, cachingSeconds: run.cachingSeconds,
      evaluations: measured.map(\.evaluation), samples: measured[0].samples,
      sharesOrder: sharesOrder(run) && !run.isCutShort, isCutShort: run.isCutShort,
      isStoppedEarly: run.isStoppedEarly)
  }

  /// Whether a run has the order of the first one that it is to be compared with.
  private func sharesOrder(_ run: StudyRun) -> Bool {
    let first = runs.indices.first { config.seeds.isEmpty || runs[$0].seed == run.seed }
    return first.map { orders[$0] == SequenceOrder(run) } ?? true
  }
}

/// An error that concerns a comparison as a whole.
package enum ComparisonError: Error, CustomStringConvertible {
  /// An arm cannot be trained, for a reason of its own.
  case arm(name: String, reason: any Error)
  /// A run's folder holds another run.
  case otherRun(name: String, path: String, reason: RunError)
  /// A run's training failed in this process.
  case run(name: String, reason: any Error)
  /// A process that trained a run failed, with its one line about it and its exit code.
  case worker(run: String, message: String, status: Int32)
  /// A process cannot be started.
  case cannotStart(reason: String)

  /// One line: which arm, what is wrong, and the remedy.
  public var description: String {
    switch self {
    case .arm(let name, let reason): "arm '\(name)': \(reason)"
    case .run(let name, let reason): "run '\(name)': \(reason)"
    case .otherRun(let name, let path, .differentConfig(_, let line)):
      "run '\(name)': \(path) holds a run with another config (its own differs at '\(line)'); "
        + "remove that folder to train it anew, rename the arm, or choose another output"
    case .otherRun(let name, _, let reason): "run '\(name)': \(reason)"
    case .worker(let run, let message, _): "run '\(run)': \(message)"
    case .cannotStart(let reason): "cannot start a process for a run: \(reason); use --jobs 1"
    }
  }
}

extension ComparisonError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .arm(_, let reason), .run(_, let reason): Self.status(of: reason)
    case .otherRun(_, _, let reason): reason.exitStatus
    // A process that was killed leaves a run that goes on later.
    case .worker(_, _, let status):
      status < 0 ? .tryAgain : ExitStatus(rawValue: status) ?? .internalError
    case .cannotStart: .willNotFit
    }
  }

  private static func status(of reason: any Error) -> ExitStatus {
    (reason as? any ExitStatusError)?.exitStatus ?? .inputOutput
  }
}

/// The folder of a comparison, made if need be, and locked for as long as this is kept.
struct StudyFolder: ~Copyable {
  private let path: String
  private let isNew: Bool
  private let lock: FileLock

  /// Makes and locks a folder.
  ///
  /// - Throws: `RunError`, `FileError`.
  init(_ path: String) throws {
    isNew = !FileManager.default.fileExists(atPath: path)
    self.path = path
    try Folder.make(path)
    lock = try FileLock(folder: path)
  }

  /// Removes a folder that was made for nothing.
  borrowing func removeIfNew() {
    guard isNew else { return }
    try? FileManager.default.removeItem(atPath: path)
  }
}
