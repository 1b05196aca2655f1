import ArgumentParser

/// Whether a model may read more than it was made for.
struct ContextOptions: ParsableArguments {
  @Flag(help: "Let a model read more tokens at once than it was made for, and record it.")
  var beyondContext = false
}
