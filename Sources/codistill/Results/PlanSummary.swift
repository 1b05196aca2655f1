import Models
import Reports
import Studies

/// What work will take, before any of it is done. (`plan`)
struct PlanSummary: Encodable {
  /// A training run.
  struct Training: Encodable {
    /// The tokens of a step.
    var tokensPerStep: Int
    /// The steps.
    var steps: Int
    /// The tokens of the run.
    var tokens: Int
    /// The operations of the run.
    var flops: Double
    /// The tokens a second.
    var tokensPerSecond: Double
    /// Whether steps were measured, or only the machine's products.
    var source: TrainingPlan.Source
    /// The hours of the run.
    var hours: Double
    /// The largest resident size.
    var peakRssBytes: Int
  }

  /// All parameters: of the model, or else of the teacher.
  var parameters: Int
  /// Those that a text token uses.
  var activeParameters: Int
  /// The bytes of the cache, where a capture is planned.
  var cacheBytes: Int?
  /// The largest resident size: of the capture where one is planned, else of training.
  var peakRssBytes: Int
  /// The least of that: without what the planning itself has used.
  var neededBytes = 0
  /// What this process may use of this machine's memory.
  var availableBytes: Int
  private enum CodingKeys: String, CodingKey {
    case parameters, activeParameters, cacheBytes, peakRssBytes, availableBytes, model, training
    case capture
  }

  /// The model that the config describes.
  var model: ModelPlanSummary?
  /// The run that the config describes.
  var training: Training?
  /// The capture.
  var capture: CapturePlanSummary?

  /// The summary for people.
  var text: String {
    let parts = [model?.text, training.map { trainingTable($0).text }, capture?.text]
    return (parts.compactMap { $0 } + [memoryText]).joined(separator: "\n\n")
  }

  private var memoryText: String {
    let work = capture != nil ? "the capture" : "training"
    let there = Figures.bytes(availableBytes)
    let verdict =
      peakRssBytes > availableBytes ? "but there are only \(there)" : "there are \(there)"
    return "\(work) takes about \(Figures.bytes(peakRssBytes)) of memory; \(verdict)"
  }

  /// Throws where the planned work does not fit; a model alone is only counted.
  func requireRoom() throws(MemoryShortage) {
    let work = capture != nil ? "the capture" : training != nil ? "this training" : nil
    guard let work else { return }
    try MemoryShortage.check(work, needs: neededBytes, of: availableBytes)
  }

  /// Hours as people read them, also those of a model that was never meant for this machine.
  private static func time(_ hours: Double) -> String {
    let years = hours / 8766
    return years < 1
      ? Figures.duration(seconds: hours * 3600) : Figures.significant(years) + " years"
  }

  private func trainingTable(_ training: Training) -> Table {
    var table = Table([.words("training"), .words("")])
    table.append([
      "tokens",
      "\(Figures.count(training.tokens)): \(training.steps) steps of \(training.tokensPerStep)",
    ])
    table.append(["operations", Figures.count(training.flops) + "FLOP"])
    let isMeasured = training.source == .measured
    table.append([
      "speed",
      "\(Figures.count(training.tokensPerSecond)) tokens/s, "
        + (isMeasured ? "measured on random tokens" : "at most: from the products alone"),
    ])
    table.append([
      "time",
      (isMeasured ? "" : "at least ") + Self.time(training.hours),
    ])
    return table
  }
}

extension PlanSummary.Training {
  /// The summary of a plan whose tokens cost so many operations each.
  init(_ plan: TrainingPlan, flopsPerToken: Double) {
    (tokensPerStep, steps, tokens) = (plan.tokensPerStep, plan.steps, plan.tokens)
    flops = Double(plan.tokens) * flopsPerToken
    (tokensPerSecond, source) = (plan.tokensPerSecond, plan.source)
    (hours, peakRssBytes) = (plan.seconds / 3600, plan.peakBytes)
  }
}
