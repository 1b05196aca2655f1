import ArgumentParser

/// The program that `bench.py` measures Codistill with: most subcommands are a step server.
@main
struct CodistillBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "codistill-bench",
    abstract: "Steps of Codistill's work, one at a time, for bench.py.",
    discussion: """
      A step server makes two untimed steps and prints a JSON line of facts. For every line `step` \
      on standard input it makes one more and prints a JSON line of measurements; `quit` ends it.

      Example:
        (echo step; echo step) | codistill-bench train --vocabulary 8192
      """,
    subcommands: [
      LimitCommand.self, TrainCommand.self, CacheCommand.self, ReadCommand.self, WriteCommand.self,
      ProductsCommand.self, FidelityCommand.self, TokenizerCommand.self, TokenizeCommand.self,
    ])
}
