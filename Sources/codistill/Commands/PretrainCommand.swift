import ArgumentParser
import Training

/// `codistill pretrain`.
struct PretrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pretrain",
    abstract: "Train a model on hard labels only; resumes by itself.",
    discussion: """
      Example:
        codistill pretrain configs/toy/behemoth.yaml training.steps=200 output=runs/behemoth
        codistill pretrain configs/toy/behemoth.yaml --emit-cache caches/behemoth
      """)

  @OptionGroup var training: TrainingOptions
  @Option(
    help: """
      Also write the model's own forward passes as a cache for students, each sequence stamped \
      with its step (the same as emit_cache.path=PATH).
      """)
  var emitCache: String?

  func run() throws {
    let emission = emitCache.map { ["emit_cache.path=" + RunConfig.quoted($0)] }
    try training.run(.pretrain, overrides: emission ?? [])
  }
}
