package import Base
public import Capture
package import Losses
public import Models
import Shards
public import Tensors
package import Text

/// Trains a student one step at a time.
///
/// ```swift
/// let student = Decoder(config, trainable: true)
/// let optimizer = AdamW(count: student.parameters.count, AdamW.Settings())
/// let trainer = Trainer(student: student, optimizer: optimizer)
/// let batch = try (0..<4).map { try data.sample($0) }
/// let report = try trainer.step([batch], StepSettings(learningRate: 1e-3, softWeight: 0.9))
/// print(report.loss, report.sums.hard / Double(report.sums.count))
/// ```
public final class Trainer {
  /// The model that learns.
  public let student: Decoder
  /// Its optimizer.
  public let optimizer: AdamW
  /// The teacher of samples without stored targets; nil where all have some.
  public var teacher: LiveTeacher?
  /// The matching of hidden states, if any; it needs a live teacher.
  package var features: FeatureMatching?
  /// The observer of the hidden states (N, D) of every micro-batch before the update, if any.
  package var observer: ((_ sequences: [PackedSequence], _ hidden: Tensor) -> Void)?

  /// A trainer for a trainable student.
  public init(student: Decoder, optimizer: AdamW) {
    precondition(student.parameters.isTrainable, "the student's parameters have no gradients")
    self.student = student
    self.optimizer = optimizer
  }

  /// Makes one update from the gradients of all micro-batches.
  ///
  /// Every micro-batch is divided by the predictions of the whole step, not by its own, so that the
  /// split does not change the loss, but for the routers' balance: it is a product of means over
  /// one micro-batch, of which the step takes the mean, weighted by predictions. A step that gives
  /// no finite loss or gradient of the student updates nothing. Nor does one in which nothing
  /// counts, be it for masks or for weights of 0: neither weights nor moments decay, and the report
  /// says so.
  ///
  /// - Throws: ``TrainingError``.
  public func step(
    _ microBatches: [[TrainingSample]], _ settings: StepSettings
  ) throws(TrainingError) -> StepReport {
    let size = StepSize(microBatches.joined())
    var report = StepReport(
      loss: 0, sums: LossSums(), gradientNorm: 0, routerLoss: 0, expertMaxLoad: nil)
    guard size.counted > 0 else { return pass(over: microBatches, &report) }
    // The hidden states of a whole step are held only where a rule looks at all of it first.
    let views = settings.objective.rule.isDecoupled ? try microBatches.map(view) : nil
    let easyAbove = settings.objective.rule.easyAbove(
      views?.map(\.signal) ?? [], counts: microBatches.map { $0.flatMap(\.counts) })
    for (index, samples) in microBatches.enumerated() {
      let view = if let views { views[index] } else { try view(of: samples) }
      let targets = LossTargets(samples, view.signal, settings, easyAbove: easyAbove)
      accumulate(samples, targets, view, settings, size, &report)
    }
    let weights = report.sums.softWeight + report.sums.hardWeight
    if weights == 0, features == nil, report.loss.isFinite {
      optimizer.discard(student.parameters)
      report.isSkipped = true
      return report
    }
    report.gradientNorm = Profile.stage(.optimizer) { update(settings, report) }
    guard report.loss.isFinite, report.gradientNorm.isFinite else {
      throw .diverged(loss: report.loss, gradientNorm: report.gradientNorm)
    }
    return report
  }

  /// Makes a step in which nothing counts; an observer sees its hidden states all the same.
  private func pass(
    over microBatches: [[TrainingSample]], _ report: inout StepReport
  ) -> StepReport {
    report.isSkipped = true
    guard let observer else { return report }
    for samples in microBatches {
      let sequences = samples.map(\.sequence)
      observer(sequences, student(TokenBatch(sequences)))
    }
    return report
  }

  /// The teacher's view of a micro-batch.
  private func view(of samples: [TrainingSample]) throws(TrainingError) -> TeacherView {
    guard let teacher else { return TeacherView(samples) }
    do {
      return try Profile.stage(.teacher) {
        try teacher.view(of: samples, needsFeatures: features != nil)
      }
    } catch {
      optimizer.discard(student.parameters)
      throw .teacherFailed(reason: "\(error)")
    }
  }

  /// Updates the student, and the projections of its features; returns the student's gradient norm.
  private func update(_ settings: StepSettings, _ report: StepReport) -> Double {
    guard report.loss.isFinite else { return optimizer.discard(student.parameters) }
    let norm = optimizer.update(student.parameters, learningRate: settings.learningRate)
    guard norm.isFinite, let features else { return norm }
    let projectionNorm = features.update(learningRate: settings.learningRate)
    return projectionNorm.isFinite ? norm : projectionNorm
  }

  /// Adds one micro-batch's gradients and its part of the report.
  private func accumulate(
    _ samples: [TrainingSample], _ targets: LossTargets, _ view: TeacherView,
    _ settings: StepSettings, _ size: StepSize, _ report: inout StepReport
  ) {
    let sequences = samples.map(\.sequence)
    let trace = ForwardTrace(keepsHiddenStates: features != nil)
    let hidden = student(TokenBatch(sequences), trace: trace)
    observer?(sequences, hidden)
    let (loss, sums) = Profile.stage(.loss) {
      distillationLoss(
        hidden: hidden, output: student.output, targets, normalizer: Float(size.counted),
        precision: student.precision)
    }
    let share = Float(StepSize(samples).predictions) / Float(size.predictions)
    let matched = featureLoss(samples, trace, view, size, &report).map { loss + $0 } ?? loss
    let total =
      trace.routerLogits.isEmpty
      ? matched
      : Profile.stage(.router) { matched + routerLosses(trace, settings, scale: share, &report) }
    report.loss += Double(total.item)
    report.sums += sums
    total.backward()
  }

  /// The weighted distances between the hidden states of student and teacher, if any are compared.
  private func featureLoss(
    _ samples: [TrainingSample], _ trace: ForwardTrace, _ view: TeacherView, _ size: StepSize,
    _ report: inout StepReport
  ) -> Tensor? {
    guard let features else { return nil }
    let loss = Profile.stage(.loss) {
      features.loss(
        student: trace.hiddenStates, teacher: view.hiddenStates, counts: samples.flatMap(\.counts),
        normalizer: Float(size.counted), precision: student.precision)
    }
    report.featureLoss = (report.featureLoss ?? 0) + Double(loss.item)
    return loss
  }

  /// The sum of all routers' losses, scaled by the micro-batch's share of the step.
  private func routerLosses(
    _ trace: ForwardTrace, _ settings: StepSettings, scale: Float, _ report: inout StepReport
  ) -> Tensor {
    var sum = Tensor([1], [0])
    for (logits, counts) in zip(trace.routerLogits, trace.assignments) {
      let load = Double(counts.max() ?? 0) * Double(counts.count) / Double(counts.reduce(0, +))
      report.expertMaxLoad = max(report.expertMaxLoad ?? 0, load)
      guard settings.routerBalance != 0 || settings.routerZ != 0 else { continue }
      sum =
        sum
        + routerLoss(
          logits, assignments: counts, balance: settings.routerBalance * scale,
          z: settings.routerZ * scale)
    }
    report.routerLoss += Double(sum.item)
    return sum
  }

  /// Checks that every weight and moment is a number, and every logit of a sequence.
  ///
  /// An update may overflow what the loss and gradient before it do not tell; weights may be so
  /// large that only what is computed of them overflows.
  ///
  /// - Throws: ``TrainingError/notFinite(_:)``.
  func requireFinite(probe sequence: PackedSequence) throws {
    if let name = optimizer.notFinite(in: student.parameters) ?? features?.notFinite {
      throw TrainingError.notFinite(name)
    }
    let hidden = student(TokenBatch([sequence]))
    try student.forEachLogits(of: hidden) { row in
      guard row.allSatisfy(\.isFinite) else { throw TrainingError.notFinite("a logit") }
    }
  }
}

/// The size of some samples.
private struct StepSize {
  /// All predictions; routers see the masked ones, too.
  let predictions: Int
  /// The predictions that the masks let count.
  let counted: Int

  init(_ samples: some Sequence<TrainingSample>) {
    var (predictions, counted) = (0, 0)
    for sequence in samples.lazy.map(\.sequence) {
      predictions += sequence.predictionCount
      counted += sequence.countedCount
    }
    self.predictions = predictions
    self.counted = counted
  }
}

/// The reason why training stopped.
public enum TrainingError: Error, Equatable {
  /// The loss or the gradient is no longer a number.
  case diverged(loss: Double, gradientNorm: Double)
  /// A part of the model is not a number after an update, or is too large to compute with.
  case notFinite(String)
  /// In all of the steps, no prediction counted in the loss.
  case nothingToLearn(steps: Int)
  /// The live teacher failed on a micro-batch.
  case teacherFailed(reason: String)
}

extension TrainingError: CustomStringConvertible {
  private static let remedy =
    "lower training.learning_rate or raise training.warmup_steps, in another output"

  /// One line: what happened and what to try.
  public var description: String {
    switch self {
    case .diverged(let loss, let norm):
      // The sign of a number that is none tells nothing.
      "training diverged: loss \(loss.isNaN ? .nan : loss), "
        + "gradient norm \(norm.isNaN ? .nan : norm); \(Self.remedy)"
    case .notFinite(let what):
      "training diverged: \(what) is no number, or too large to compute with, after the last update; \(Self.remedy)"
    case .nothingToLearn(let steps):
      "nothing counted in any of \(steps) steps: masks or weights of 0 cover every prediction (the "
        + "sequences are in metrics.jsonl); check the data's prompts and completions, and loss"
    case .teacherFailed(let reason): "the live teacher failed: \(reason)"
    }
  }
}

extension TrainingError: ExitStatusError {
  package var exitStatus: ExitStatus { .badData }
}
