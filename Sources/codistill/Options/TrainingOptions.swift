import ArgumentParser
import Reports
import Tensors

/// The options of the commands that train.
struct TrainingOptions: ParsableArguments {
  @Argument(help: "The config, a YAML file.")
  var config: String
  @Argument(help: "Changes to the config: key=value, with dots between the keys.")
  var overrides: [String] = []
  @Option(help: "What everything random is drawn from (the same as training.seed=N).")
  var seed: Int?
  @Flag(help: "Print where the time of a step went, stage by stage, at the end.")
  var profile = false
  // How `compare` trains a run in a process of its own.
  @Flag(help: .hidden) var worker = false
  @Option(help: .hidden) var stopAt: Int?
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    try Limits.atLeast(0, seed, "--seed")
    try Limits.within(1...1_000_000_000, stopAt, "--stop-at")
  }
}
