import Capture
import Foundation
import Models
import Reports
import Shards
import Studies
import Text

/// What is planned.
struct PlanRequest {
  /// The config of a model or run, and changes to it.
  var config: String?
  /// Changes to the config.
  var overrides: [String]
  /// The capture.
  var capture: CaptureRequest?
  /// The context of the model's figures; nil takes the run's sequences, or the model's own.
  var contextLength: Int?
  /// The student's speed; nil takes the config's run.
  var studentTokensPerSecond: Double?
  /// The positions to look at.
  var positions: Int
  /// The seconds to look for.
  var seconds: Double
}

extension Engine {
  /// Predicts what a model, a run and a capture take.
  static func plan(_ request: PlanRequest) throws -> PlanSummary {
    var summary = PlanSummary(
      parameters: 0, activeParameters: 0, peakRssBytes: 0,
      availableBytes: MemoryFacts.current.usable)
    if let config = request.config {
      try plan(config, request, &summary)
    }
    guard let capture = request.capture else { return summary }
    // A student that does not fit is told of before its teacher is asked for minutes.
    if summary.neededBytes > summary.availableBytes { return summary }
    let speed = request.studentTokensPerSecond ?? summary.training?.tokensPerSecond
    try plan(capture, request, studentTokensPerSecond: speed, &summary)
    return summary
  }

  private static func plan(
    _ config: String, _ request: PlanRequest, _ summary: inout PlanSummary
  ) throws {
    let planned = try PlannedModel(path: config, overrides: request.overrides)
    let decoder = planned.shape.decoder
    let length =
      request.contextLength ?? planned.sequenceLength ?? min(decoder.maxPositionEmbeddings, 8192)
    let model = ModelPlanSummary(planned.shape, context: length)
    summary.model = model
    (summary.parameters, summary.activeParameters) = (model.parameters, model.activeParameters)
    summary.peakRssBytes = model.trainingStateBytes + model.activationBytesPerSequence
    guard let run = planned.run else { return }
    // Whether documents are as long as their sequences is only seen where they are read.
    let note = try decoder.contextNote(
      reading: length, "the student", isAllowed: true, .key("data.sequence_length", allowing: ""))
    if let note { Console.warning(note) }
    let training = try TrainingPlan.make(
      decoder, run, sequenceLength: length, memory: MemoryFacts.current.usable)
    summary.training = .init(training, flopsPerToken: model.trainingFlopsPerToken)
    (summary.peakRssBytes, summary.neededBytes) = (training.peakBytes, training.neededBytes)
  }

  private static func plan(
    _ request: CaptureRequest, _ whole: PlanRequest, studentTokensPerSecond: Double?,
    _ summary: inout PlanSummary
  ) throws {
    var open = try open(request)
    try spend(&open, in: nil)
    let planner = CapturePlanner(
      teacher: open.teacher, sequences: open.data.sequences, capture: open.capture,
      kinds: open.kinds)
    let line = ProgressLine("planning", total: nil, unit: "tokens")
    let plan = try planner.plan(
      others: others(open.capture.codec.temperature),
      limit: .init(positions: whole.positions, seconds: whole.seconds)
    ) { line.update(done: $0) }
    line.finish()
    summary.capture = CapturePlanSummary(plan, studentTokensPerSecond: studentTokensPerSecond)
    summary.cacheBytes = plan.sizes.first?.bytes
    summary.peakRssBytes = plan.peakBytes
    guard whole.config == nil else { return }
    summary.parameters = open.checkpoint.config.parameterCount
    summary.activeParameters = open.checkpoint.config.activeParameterCount
  }

  /// What every capture is compared with.
  private static func others(_ temperature: Double) -> [CacheCodec] {
    [0.1, 0.05, 0.03, 0.02, 0.01].map { .threshold(threshold: $0, temperature: temperature) } + [
      .topk(entries: 50, temperature: temperature), .sample(samples: 50, temperature: temperature),
      .dense(temperature: temperature),
    ]
  }
}
