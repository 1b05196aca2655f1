extension ShardIndex {
  /// Checks that a frame holds the sequence that the index describes, with the tokens that gave it
  /// its identity as the sequence of this number in its part.
  func check(_ text: SequenceTokens, frame: Int) throws(FrameProblem) {
    let entry = entries[frame]
    guard text.identity == entry.identity, text.recordCount == entry.recordCount else {
      throw FrameProblem(reason: "the index describes another sequence")
    }
    let ordinal = firstSequence + frame
    let own = SequenceTokens.identity(
      ordinal: ordinal, tokens: text.tokens, fragments: text.fragments)
    guard text.identity == own else {
      throw FrameProblem(
        reason: "its identity is not that of its tokens as sequence \(ordinal) of its part")
    }
  }
}
