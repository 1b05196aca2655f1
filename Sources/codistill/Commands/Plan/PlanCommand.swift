import ArgumentParser
import Capture
import Losses
import Models
import Reports
import Shards
import Studies
import Text
import Training

/// `codistill plan`.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Tell what a model, a run or a capture takes, before spending any of it.",
    discussion: """
      A config alone: parameters, operations and memory; of a run, its time, too. With --teacher \
      and --data: the bytes, hours and memory of the cache that the same options of `cache build` \
      would make, from some of its frames, and after how many passes over the data it has paid.

      The parameters that a text token uses are counted as the publishers of Llama 4 do: k experts \
      of each mixture, both embedding tables, and no vision tower.

      Example:
        codistill plan configs/llama4/scout.yaml
        codistill plan configs/toy/scout.yaml training.batch_size=8 --json
        codistill plan --teacher SmolLM2-135M-Instruct.Q4_1.gguf --data texts/
        codistill plan configs/smollm2/distill.yaml --teacher teacher.gguf --data texts/
      """)

  @Argument(help: "A run's or model's YAML file, a config.json, or a model's folder or .gguf file.")
  var config: String?
  @Argument(help: "Changes to a YAML config: key=value, with dots between the keys.")
  var overrides: [String] = []
  @Option(help: "The context of a model's figures (default: the run's sequences, or up to 8192).")
  var contextLength: Int?
  @Option(help: "The teacher whose capture is planned: a folder, a .gguf file or a run directory.")
  var teacher: String?
  @OptionGroup var texts: DataOptions
  @OptionGroup var capture: CaptureOptions
  @Option(help: "The student's training speed in tokens a second (default: the config's run).")
  var studentRate: Double?
  @Option(help: "The positions to predict a capture from, beside those that tables come from.")
  var positions = 8_192
  @Option(help: "The seconds after which no more of them are looked at.")
  var maxSeconds = 40.0
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard config != nil || teacher != nil else {
      throw ValidationError("plan takes a config, or --teacher and --data")
    }
    guard (teacher == nil) == texts.data.isEmpty else {
      throw ValidationError("--teacher and --data go together")
    }
    let isYAML = config.map { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") } ?? false
    guard overrides.isEmpty || isYAML else {
      throw ValidationError("only a YAML config takes changes such as \(overrides[0])")
    }
    try Limits.within(Limits.context, contextLength, "--context-length")
    try Limits.within(1...1_000_000_000, positions, "--positions")
    try Limits.positive(maxSeconds, "--max-seconds")
    if let studentRate { try Limits.positive(studentRate, "--student-rate") }
  }

  func run() throws {
    let inputs = try teacher.map { try capture.inputs($0, texts) }
    if let config { try InputPath.require(config, remedy: "check the config") }
    machine.apply()
    var plan = Plan()
    let run = try config.flatMap { try add($0, to: &plan) }
    // A student that does not fit is told of before its teacher is asked for minutes.
    if let inputs, plan.fits { try add(inputs, to: &plan) }
    if let run, plan.fits { try add(run, to: &plan) }
    try Console.result(plan, asJSON: format.json) { plan.text }
    try plan.requireRoom()
  }

  /// Adds the figures of a config; returns the run that it describes, if any.
  private func add(_ config: String, to plan: inout Plan) throws -> RunConfig? {
    let planned = try PlannedModel(
      path: config, overrides: overrides,
      sequenceLength: teacher == nil ? nil : capture.sequenceLength)
    let decoder = planned.shape.decoder
    let length =
      contextLength ?? planned.sequenceLength ?? min(decoder.maxPositionEmbeddings, 8192)
    plan.model = ModelPlan(planned.shape, context: length)
    guard let run = planned.run else { return nil }
    // Whether documents are as long as their sequences is only seen where they are read.
    let note = try decoder.contextNote(
      reading: length, "the student", isAllowed: true, .key("data.sequence_length", allowing: ""))
    if let note { Console.warning(note) }
    plan.student = decoder
    plan.training = try TrainingPlan.make(
      decoder, run, sequenceLength: length, memory: MemoryFacts.current.usable)
    return run
  }

  private func add(_ inputs: CaptureInputs, to plan: inout Plan) throws {
    var open = try PreparedCapture(inputs, capture)
    try open.findThreshold(in: nil)
    let planner = CapturePlanner(
      teacher: open.teacher, sequences: open.data.sequences, capture: open.config,
      kinds: open.kinds)
    let line = ProgressLine("planning", total: nil, unit: "tokens")
    plan.capture = try planner.plan(
      others: others(open.config.codec.temperature),
      limit: .init(positions: positions, seconds: maxSeconds)
    ) { line.update(done: $0) }
    line.finish()
    plan.teacher = open.checkpoint.config
    plan.studentTokensPerSecond = studentRate ?? plan.training?.tokensPerSecond
  }

  /// Adds how long a run in epochs is, and whether distilling in it is likely to pay.
  private func add(_ run: RunConfig, to plan: inout Plan) throws {
    // Only a cache that is planned is counted by its plan.
    let isPlanned = run.cache != nil && run.data == nil
    try plan.training?.count(run, sequences: isPlanned ? plan.capture?.sequences : nil)
    guard isPlanned, run.loss.soft?.schedule.isZero == false, let capture = plan.capture,
      let tokens = plan.training?.tokens, let seconds = plan.training?.seconds,
      let teacher = plan.teacher, let student = plan.student
    else { return }
    plan.payoff = PayoffPlan(
      corpusTokens: capture.tokens, trainedTokens: tokens,
      cachingSeconds: capture.seconds, trainingSeconds: seconds,
      depth: Double(student.numHiddenLayers) / Double(teacher.numHiddenLayers))
  }

  /// The codecs that every capture is compared with.
  private func others(_ temperature: Double) -> [CacheCodec] {
    [0.1, 0.05, 0.03, 0.02, 0.01].map { .threshold(threshold: $0, temperature: temperature) } + [
      .topk(entries: 50, temperature: temperature), .sample(samples: 50, temperature: temperature),
      .dense(temperature: temperature),
    ]
  }
}
