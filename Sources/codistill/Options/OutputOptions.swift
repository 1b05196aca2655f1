import ArgumentParser

/// The form in which a result is printed.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print the result as one JSON object on standard output.")
  var json = false
}
