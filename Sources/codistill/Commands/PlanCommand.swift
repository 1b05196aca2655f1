import ArgumentParser

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
        codistill plan configs/smollm2/distill.yaml training.batch_size=8 --json
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
    let captureRequest = try teacher.map {
      try CaptureRequest(teacher: $0, texts: texts, options: capture)
    }
    if let config { try InputPath.require(config, remedy: "check the config") }
    machine.apply()
    let summary = try Engine.plan(
      PlanRequest(
        config: config, overrides: overrides, capture: captureRequest,
        contextLength: contextLength, studentTokensPerSecond: studentRate, positions: positions,
        seconds: maxSeconds))
    try Console.result(summary, asJSON: format.json) { summary.text }
    try summary.requireRoom()
  }
}
