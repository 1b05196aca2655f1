import ArgumentParser
import Distillation

/// `codistill pretrain`.
struct PretrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pretrain",
    abstract: "Train a model on hard labels only; resumes by itself.",
    discussion: """
      Example:
        codistill pretrain configs/toy/behemoth.yaml training.steps=200 output=runs/behemoth
      """)

  @OptionGroup var training: TrainingOptions

  func run() throws { try training.run(.pretrain) }
}
