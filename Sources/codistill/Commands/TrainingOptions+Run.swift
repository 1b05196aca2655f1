import Reports
import Tensors
import Training

extension TrainingOptions {
  /// Reads the config, trains, and prints how it went.
  func run(_ kind: RunConfig.Kind, overrides more: [String] = []) throws {
    let seeds = seed.map { ["training.seed=\($0)"] } ?? []
    let config = try RunConfig.read(file: config, kind: kind, overrides: overrides + seeds + more)
    machine.apply()
    Interruption.listen()
    if worker { WorkerReport.endWithParent() }
    let summary = try Engine.train(
      config, profile: profile ? Profile() : nil, stopAt: stopAt, isWorker: worker)
    if let profile = summary.profile, !format.json {
      Terminal.writeToStandardError(profile.text + "\n")
    }
    let printed = Result {
      if !worker { try Console.result(summary, asJSON: format.json) { summary.text } }
    }
    // A terminal that was closed takes no result; what counts then is that the run is saved.
    if summary.isInterrupted { throw CommandError.interrupted(resume: CommandLineText.quoted) }
    try printed.get()
  }
}
