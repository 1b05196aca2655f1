import ArgumentParser
import CProcess
import Foundation

/// The command-line tool: caches a teacher's signal, and trains and measures students with it.
@main
struct Codistill: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "codistill",
    abstract: "Cache a teacher's logits once, distil many students from them.",
    discussion: """
      A first session:
        codistill cache build --teacher teacher.gguf --data texts/ --output cache
        codistill distill configs/student.yaml training.steps=100
        codistill evaluate --model runs/student --data held-out.jsonl --cache cache

      Exit codes: 0 done, 64 usage, 65 bad or corrupt data, 66 input missing, 69 will not fit, \
      73 cannot create, 74 input or output failed, 75 try again, 78 bad config.
      """,
    version: Version.current,
    subcommands: [
      CacheCommand.self, PretrainCommand.self, DistillCommand.self, CompareCommand.self,
      EvaluateCommand.self, GenerateCommand.self, LogitsCommand.self, TokenizerCommand.self,
      PlanCommand.self, DoctorCommand.self,
    ])

  /// Runs the command line; every error ends here, as one line and an exit code.
  static func main() {
    // A file beyond `ulimit -f` is an error like a full disk, not a death by signal; so is a pipe
    // that nobody reads any more, which must not end a training before it is saved.
    for number in [SIGXFSZ, SIGPIPE] { signal(number, SIG_IGN) }
    // Dispatch's, one that reads ahead, and one that listens to a parent.
    cp_require_basics(Int32(ProcessInfo.processInfo.activeProcessorCount + 2))
    do {
      var command = try parseAsRoot(CommandLineText.requireText())
      try command.run()
    } catch {
      Failure.exit(error)
    }
  }
}
