import ArgumentParser
import Distillation

/// `codistill distill`.
struct DistillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "distill",
    abstract: "Train a student from a cache; resumes by itself.",
    discussion: """
      Example:
        codistill distill configs/toy/scout.yaml training.steps=3 "initialize.layers=[0, 4]"
      """)

  @OptionGroup var training: TrainingOptions

  func run() throws { try training.run(.distill) }
}
