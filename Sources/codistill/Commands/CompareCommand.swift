import ArgumentParser
import Studies
import Training

/// `codistill compare`.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Train many runs on the same data, measure them on the same text, and rank them.",
    discussion: """
      The config names the runs: `runs`, a list of configs; or `base`, one config, with `grid`, \
      axes of named changes whose every combination is an arm, or `arms`, a list of named changes. \
      With `seeds`, every arm is trained with each: the runs of a seed see the same data in the \
      same order and begin with the same weights, so that their differences are paired. A winner \
      is claimed from five seeds on.

      What is finished is neither trained nor measured again; a run that diverges is named, ranked \
      last and not tried again. The output folder holds every run, with an event file for \
      TensorBoard in it; report.html, a page that needs nothing else, and its figures ranking.svg, \
      held-out.svg and positions.svg; comparison.json, runs.csv and arms.csv; and teacher.json, the \
      teacher's own figures on the same text.

      Example:
        codistill compare configs/compare/schedules.yaml --jobs 2 --max-seconds 900
        codistill compare configs/smollm2/demo.yaml output=runs/compare --json
      """)

  @Argument(help: "The config, a YAML file.")
  var config: String
  @Argument(help: "Changes to the config: key=value, with dots between the keys.")
  var overrides: [String] = []
  @Option(help: "How many runs to train at once, as far as the memory allows (default: 1).")
  var jobs: Int?
  @Option(help: "Refuse to begin where the estimate is longer than so many seconds.")
  var maxSeconds: Double?
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    if let jobs, !(1...1024).contains(jobs) {
      throw ValidationError("--jobs takes 1 to 1024, found \(jobs)")
    }
    if let maxSeconds { try Limits.positive(maxSeconds, "--max-seconds") }
  }

  func run() throws {
    let config = try ComparisonConfig.read(file: config, overrides: overrides)
    machine.apply()
    Interruption.listen()
    let summary = try Engine.compare(
      ComparisonRequest(
        config: config, jobs: jobs ?? config.jobs, maxSeconds: maxSeconds ?? config.maxSeconds))
    try Console.result(summary, asJSON: format.json) { summary.text }
  }
}
