import ArgumentParser

/// Token ids on a command line: `1,2,3`.
struct TokenList: ExpressibleByArgument {
  /// The ids, at least one.
  let ids: [Int32]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let ids = parts.compactMap { Int32($0.trimmingPrefix(while: \.isWhitespace)) }
    guard ids.count == parts.count, ids.allSatisfy({ $0 >= 0 }) else { return nil }
    self.ids = ids
  }
}
