/// Puts documents together again from the sequences that they were packed into, in their order.
///
/// If a window cuts a document, the last token of one sequence is the first of the next. Two
/// documents that happen to meet like that are taken for one.
package struct SequenceUnpacker: Sendable {
  private var last: [Int32] = []

  /// An unpacker that has read nothing.
  package init() {}

  /// Takes the next sequence.
  ///
  /// - Returns: the documents that ended before its last fragment, which the next may go on with.
  package mutating func append(tokens: [Int32], fragments: [Int]) -> [[Int32]] {
    var (ended, start) = ([[Int32]](), 0)
    for (index, count) in fragments.enumerated() {
      let fragment = tokens[start..<(start + count)]
      start += count
      if index == 0, let token = last.last, token == fragment.first {
        last += fragment.dropFirst()
      } else {
        if !last.isEmpty { ended.append(last) }
        last = Array(fragment)
      }
    }
    return ended
  }

  /// The last document; nil where none was read.
  package mutating func finish() -> [Int32]? {
    defer { last = [] }
    return last.isEmpty ? nil : last
  }
}
