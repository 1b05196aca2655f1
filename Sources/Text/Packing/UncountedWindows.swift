/// The windows that were left out of packed data because no prediction of theirs counts, and
/// their documents.
package struct UncountedWindows: Sendable, Equatable {
  /// The number of documents that are named.
  private static let namedLimit = 3

  /// The number of windows.
  package private(set) var count = 0
  /// The number of documents that had a part in them.
  package private(set) var documents = 0
  /// The origins of the first of these documents, as `Document.source` has them.
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

  /// The number of windows and the origins of their first documents, in words.
  package var description: String {
    let rest = documents - sources.count
    let names = sources.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    return "\(count) \(count == 1 ? "window" : "windows") without a prediction that counts (of "
      + "\(names))"
  }
}
