import ArgumentParser

/// `codistill doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Tell what this machine gives, and what slows it down.",
    discussion: """
      Matrix products in float32 and bfloat16 are timed, for about a second.

      Example:
        codistill doctor
        codistill doctor --json
      """)

  @OptionGroup var format: OutputOptions

  func run() throws {
    let report = DoctorReport.current
    try Console.result(report, asJSON: format.json) { report.text }
  }
}
