import ArgumentParser
import Training

/// `codistill distill`.
struct DistillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "distill",
    abstract: "Train a student from a cache, a live teacher, or both; resumes by itself.",
    discussion: """
      With cache: the student learns from stored targets; with teacher: and data: the teacher runs \
      beside it; with all three from both, in one shuffled order.

      Example:
        codistill distill configs/toy/scout.yaml training.steps=3 "initialize.layers=[0, 4]"
        codistill distill configs/toy/scout.yaml cache= data.cache=runs/herd/cache \\
          teacher=runs/herd/behemoth output=runs/live
      """)

  @OptionGroup var training: TrainingOptions

  func run() throws { try training.run(.distill) }
}
