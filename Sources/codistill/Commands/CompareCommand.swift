import ArgumentParser
import Distillation

/// `codistill compare`.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Train several runs on the same data and measure them on the same text.",
    discussion: """
      Runs that are finished already are only measured.

      Example:
        codistill compare configs/compare/demo.yaml output=runs/compare
      """)

  @Argument(help: "The config, a YAML file.")
  var config: String
  @Argument(help: "Changes to the config: key=value, with dots between the keys.")
  var overrides: [String] = []
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    let config = try ComparisonConfig.read(file: config, overrides: overrides)
    // Every run's config is read before the first is trained.
    for run in config.runs { _ = try run.runConfig() }
    machine.apply()
    Interruption.listen()
    let summary = try Engine.compare(config)
    try Console.result(summary, asJSON: format.json) { summary.text }
  }
}
