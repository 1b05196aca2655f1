/// Lays tokenised documents end to end in sequences of a fixed number of predictions.
///
/// A document of d tokens gives d − 1 predictions in all, in as many fragments as windows cut it
/// into; each fragment has at least two tokens. The last sequence may be shorter.
package struct SequencePacker: Sendable {
  /// The number of predictions in a full sequence.
  package let length: Int

  private var tokens: [Int32] = []
  private var fragments: [Int] = []
  private var mask: [Bool] = []

  /// An empty packer.
  package init(length: Int) {
    precondition(length > 0, "a sequence of \(length) predictions")
    self.length = length
  }

  /// Adds a document.
  ///
  /// - Parameters:
  ///   - document: the token ids; with fewer than two there is nothing to predict.
  ///   - firstCounted: the index of the first token whose prediction counts in the loss.
  /// - Returns: the sequences that are now full, each of `length` predictions.
  package mutating func append(_ document: [Int32], firstCounted: Int = 0) -> [PackedSequence] {
    var (full, start) = ([PackedSequence](), 0)
    while start < document.count - 1 {
      let predictions = min(length - mask.count, document.count - 1 - start)
      tokens += document[start...(start + predictions)]
      fragments.append(predictions + 1)
      mask += ((start + 1)...(start + predictions)).map { $0 >= firstCounted }
      start += predictions
      if mask.count == length { full.append(take()) }
    }
    return full
  }

  /// Whether no sequence has been begun.
  var isEmpty: Bool { mask.isEmpty }

  /// The last, shorter sequence, if there is one; the packer is empty afterwards.
  package mutating func finish() -> PackedSequence? { mask.isEmpty ? nil : take() }

  private mutating func take() -> PackedSequence {
    defer {
      tokens = []
      fragments = []
      mask = []
    }
    let lossMask = mask.allSatisfy { $0 } ? nil : mask
    return PackedSequence(tokens: tokens, fragments: fragments, lossMask: lossMask)
  }
}

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
