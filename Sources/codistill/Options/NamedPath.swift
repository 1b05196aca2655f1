import ArgumentParser

/// A path with a name, written as NAME=PATH.
struct NamedPath: ExpressibleByArgument {
  /// The name: not empty.
  let name: String
  /// The path: not empty.
  let path: String

  /// A name and a path; nil where one of them is missing.
  init?(argument: String) {
    guard let end = argument.firstIndex(of: "="), end != argument.startIndex else { return nil }
    name = String(argument[..<end])
    path = String(argument[argument.index(after: end)...])
    guard !path.isEmpty else { return nil }
  }
}

extension [String] {
  /// The first that is there twice; nil where all differ.
  var repeated: String? {
    var seen: Set<String> = []
    return first { !seen.insert($0).inserted }
  }
}
