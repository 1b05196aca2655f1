import Yams

extension ConfigError {
  /// The library's error as ours, on one line.
  init(_ error: YamlError, place: (Int, Int) -> ConfigPlace) {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let prefix = context.map { "\($0.text), " } ?? ""
      self = .syntax(place(mark.line, mark.column), problem: prefix + problem)
    case .reader(let problem, _, _, _):
      self = .syntax(place(1, 1), problem: problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      self = .duplicateKey(
        place(context.mark.line, context.mark.column), key: duplicates.sorted().first ?? "")
    default:
      self = .syntax(place(1, 1), problem: "\(error)".split(separator: "\n").joined(separator: " "))
    }
  }
}
