/// The windows that were left out of packed data because no prediction of theirs counts, and whose
/// they were.
package struct UncountedWindows: Sendable, Equatable {
  /// How many documents are named.
  private static let namedLimit = 3

  /// How many windows there were.
  package private(set) var count = 0
  /// How many documents had a part in them.
  package private(set) var documents = 0
  /// Where the first of these documents are from, as `Document.source` says it.
  package private(set) var sources: [String] = []

  /// Counts a window of the documents of some numbers and sources, in ascending order.
  mutating func add(_ members: [(number: Int, source: String)]) {
    count += 1
    for member in members where member.number > lastDocument {
      lastDocument = member.number
      documents += 1
      if sources.count < Self.namedLimit { sources.append(member.source) }
    }
  }

  private var lastDocument = -1

  /// How many windows of how many documents, and the first of these.
  package var description: String {
    let rest = documents - sources.count
    let names = sources.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    return "\(count) \(count == 1 ? "window" : "windows") without a prediction that counts (of "
      + "\(names))"
  }
}
