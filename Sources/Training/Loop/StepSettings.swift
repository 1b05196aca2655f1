import Base
import Capture
public import Losses
import Tensors
import Text

/// The settings of one training step, all of them logged.
public struct StepSettings: Sendable, Equatable {
  /// The learning rate.
  public var learningRate: Float
  /// The weight of the teacher's term, before the rule for single predictions.
  public var softWeight: Float
  /// The weight of the label's term, before that rule.
  public var hardWeight: Float
  /// The form of the teacher's term.
  public var objective: Objective
  /// The rule by which the teacher's own progress scales both weights; nil leaves them as they are.
  public var maturity: MaturityRule?
  /// The temperature that the teacher's targets were captured at.
  public var temperature: Float
  /// The coefficient of the routers' load-balance loss.
  public var routerBalance: Float
  /// The coefficient of the routers' z-loss.
  public var routerZ: Float

  /// Settings from their values; the label's weight is what the teacher's leaves of 1, unless
  /// given.
  public init(
    learningRate: Float, softWeight: Float, hardWeight: Float? = nil,
    objective: Objective = Objective(), maturity: MaturityRule? = nil, temperature: Float = 1,
    routerBalance: Float = 0, routerZ: Float = 0
  ) {
    self.learningRate = learningRate
    self.softWeight = softWeight
    self.hardWeight = hardWeight ?? 1 - softWeight
    self.objective = objective
    self.maturity = maturity
    self.temperature = temperature
    self.routerBalance = routerBalance
    self.routerZ = routerZ
  }
}

/// The findings of one step.
public struct StepReport: Sendable, Equatable {
  /// The loss that was minimised, the terms of features and routers included.
  public var loss: Double
  /// The sums of both terms over the predictions that count.
  public var sums: LossSums
  /// The gradient's norm before clipping.
  public var gradientNorm: Double
  /// The weighted sum of the distances between hidden states; nil where none are compared.
  public var featureLoss: Double?
  /// The weighted sum of the routers' losses.
  public var routerLoss: Double
  /// The largest expert's share of the assignments times the number of experts; 1 when balanced.
  public var expertMaxLoad: Double?
  /// Whether nothing in it counted, so that nothing was updated.
  public var isSkipped = false
}

extension TrainingRun {
  /// The settings of a step: a function of its number and of the losses before it.
  func settings(at step: Int) -> StepSettings {
    let weights = weights(at: step)
    return StepSettings(
      learningRate: Float(config.training.learningRate.rate(step: step)),
      softWeight: Float(weights.soft), hardWeight: Float(weights.hard),
      objective: config.loss.objective(share: share(at: step), codec),
      maturity: config.loss.soft?.maturity, temperature: temperature,
      routerBalance: Float(config.loss.routerAuxLossCoef),
      routerZ: Float(config.loss.routerZLossCoef))
  }

  func weights(at step: Int) -> StepWeights {
    config.loss.soft?.weights(step: step, of: config.training.steps, state.history)
      ?? StepWeights(soft: 0, hard: 1, scheduled: 0, feedback: 1)
  }

  /// The teacher's share of an interpolated target; nil for other targets.
  private func share(at step: Int) -> Double? {
    guard case .interpolated(let rule) = config.loss.target else { return nil }
    return rule.share(step: step, of: config.training.steps, state.history)
  }

  /// Takes a step's losses into the history that feedback is made of.
  func remember(_ report: StepReport, at step: Int) {
    var interpolation: (rule: Interpolation, share: Double)?
    if case .interpolated(let rule) = config.loss.target, let share = share(at: step) {
      interpolation = (rule, share)
    }
    state.history.record(
      report.sums, temperature: Double(temperature), config.loss.soft?.feedback, interpolation)
  }

  /// Logs the findings of a step, and the weights that it was made with.
  func log(
    _ report: StepReport, _ settings: StepSettings, _ weights: StepWeights,
    tokensPerSecond: Double
  ) throws {
    var record = MetricsRecord(step: state.step, tokens: state.tokens)
    record.seconds = state.seconds
    record.record(report.sums)
    record.loss = report.loss
    if config.loss.soft == nil {
      record.softLoss = nil
      record.softWeight = nil
      record.softTerm = nil
    } else {
      record.scheduledWeight = weights.scheduled
      record.feedback = config.loss.soft?.feedback == nil ? nil : weights.feedback
    }
    if case .interpolated(let share) = settings.objective.target { record.teacherShare = share }
    record.learningRate = Double(settings.learningRate)
    record.featureLoss = report.featureLoss
    record.gradientNorm = report.gradientNorm
    record.routerLoss = report.expertMaxLoad == nil ? nil : report.routerLoss
    record.expertMaxLoad = report.expertMaxLoad
    record.tokensPerSecond = tokensPerSecond
    record.peakRssBytes = ProcessMemory.peakBytes
    try directory.metrics.append(record)
  }
}

extension TrainingSample {
  /// For each prediction, whether it counts.
  var counts: [Bool] {
    sequence.lossMask ?? Array(repeating: true, count: sequence.predictionCount)
  }
}

extension LossTargets {
  /// The targets of some sequences, with the same weights for all predictions that count.
  init(
    _ samples: [TrainingSample], _ signal: TeacherSignal?, _ settings: StepSettings,
    easyAbove: Float
  ) {
    var (soft, hard) = ([Float](), [Float]())
    for sample in samples {
      let (teachers, labels) = signal == nil ? (0, 1) : settings.weights(of: sample)
      soft += sample.counts.map { $0 ? teachers : 0 }
      hard += sample.counts.map { $0 ? labels : 0 }
    }
    self.init(
      labels: samples.flatMap(\.sequence.labels), signal: signal, soft: soft, hard: hard,
      temperature: settings.temperature, objective: settings.objective, easyAbove: easyAbove)
  }
}

extension StepSettings {
  /// The weights of the teacher's and the label's term of a sample, before the rule for single
  /// predictions.
  fileprivate func weights(of sample: TrainingSample) -> (soft: Float, hard: Float) {
    maturity?.weights(soft: softWeight, hard: hardWeight, share: sample.maturity)
      ?? (softWeight, hardWeight)
  }
}

extension TokenRule {
  /// The log p(label) that the rule's easy share of a step's counted predictions reaches.
  ///
  /// Over the whole step, so that its split into micro-batches changes nothing.
  func easyAbove(_ signals: [TeacherSignal?], counts: [[Bool]]) -> Float {
    guard case .adaptive(_, let easy) = self else { return -.infinity }
    let logProbabilities = zip(signals, counts).flatMap { signal, counts in
      counts.indices.compactMap { counts[$0] ? signal?.facts($0).labelLogProbability : nil }
    }.sorted(by: >)
    let count = Int((easy * Double(logProbabilities.count)).rounded())
    return count == 0 ? .infinity : logProbabilities[count - 1]
  }
}
