/// The tokens that are put around documents.
public struct DocumentMarks: Sendable {
  /// The token before a document that does not begin with it.
  public var bos: Int32?
  /// The token after a document that does not end with it or another end token.
  package var eos: Int32?
  /// Every token that ends a text.
  public var ends: [Int32]

  /// Marks; nil puts nothing.
  public init(bos: Int32? = nil, eos: Int32? = nil, ends: [Int32] = []) {
    self.bos = bos
    self.eos = eos
    self.ends = ends
  }

  /// A document with its marks, and the index of its first counted token.
  ///
  /// - Parameters:
  ///   - prompt: the tokens that are not counted; nil counts all.
  ///   - text: the other tokens.
  ///   - present: counts the marks that were there.
  /// - Returns: the tokens, and the index of the first that counts in the loss.
  func around(
    prompt: [Int32]?, text: [Int32], _ present: inout PresentMarks
  ) -> (tokens: [Int32], firstCounted: Int) {
    var (before, after) = (prompt ?? [], [Int32]())
    if let bos {
      let isThere = (before.first ?? text.first) == bos
      if isThere { present.bos += 1 } else { before.insert(bos, at: 0) }
    }
    if let eos {
      let isThere = text.last.map { $0 == eos || ends.contains($0) } == true
      if isThere { present.eos += 1 } else { after = [eos] }
    }
    return (before + text + after, prompt == nil ? 0 : before.count)
  }
}

/// The numbers of documents whose text already had the first or last token that was asked for.
///
/// Rendered chat templates do. Such a document gets no second one.
package struct PresentMarks: Sendable, Equatable {
  /// The documents that began with BOS.
  package var bos = 0
  /// The documents that ended with an end token.
  package var eos = 0

  /// Counts of zero.
  package init() {}

  /// One phrase for people; nil where there were none.
  package var note: String? {
    let parts = [(bos, "began with BOS"), (eos, "ended with an end token")]
      .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    return parts.isEmpty
      ? nil : "\(parts.joined(separator: ", ")) already: none was added to them"
  }
}
