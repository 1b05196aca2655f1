import ArgumentParser

/// Numbers on a command line: `0.1,0.05`, or `none`.
struct NumberList: ExpressibleByArgument {
  /// The numbers.
  let values: [Double]

  /// A list of some numbers.
  init(_ values: [Double]) { self.values = values }

  init?(argument: String) {
    guard argument != "none" else {
      values = []
      return
    }
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    values = parts.compactMap { Double($0.trimmingPrefix(while: \.isWhitespace)) }
    guard values.count == parts.count, values.allSatisfy(\.isFinite) else { return nil }
  }

  /// The default as the help shows it.
  var defaultValueDescription: String {
    values.map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" }.joined(separator: ",")
  }

  /// Whether all are whole numbers from 1 to 4096.
  var isWhole: Bool { values.allSatisfy { $0 == $0.rounded() && (1...4096).contains($0) } }
}
