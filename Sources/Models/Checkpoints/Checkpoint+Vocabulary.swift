public import Text

extension Checkpoint {
  /// The checkpoint without the rows of its matrices beyond a tokenizer's ids, and a line that says so.
  ///
  /// Such rows pad a matrix to a round size. No text has their tokens, so that they are no part of
  /// the model's distribution; zeros there would hold more of it than many a token.
  ///
  /// - Parameter tokenizer: what its ids are of; nil leaves the checkpoint as it is.
  /// - Returns: the checkpoint, and what was left out; nil where nothing was.
  public func withoutPadding(_ tokenizer: Tokenizer?) -> (checkpoint: Checkpoint, note: String?) {
    guard let tokenizer, tokenizer.vocabularySize < config.vocabSize else { return (self, nil) }
    let rows = config.vocabSize - tokenizer.vocabularySize
    return (
      withVocabulary(tokenizer.vocabularySize),
      "\(path): has \(rows) rows beyond the tokenizer's \(tokenizer.vocabularySize) ids, which no "
        + "text needs; they are left out"
    )
  }

  /// The checkpoint with the first rows alone of the matrices that have one for each token.
  public func withVocabulary(_ count: Int) -> Checkpoint {
    precondition(count <= config.vocabSize, "rows that are there")
    var checkpoint = self
    checkpoint.config.vocabSize = count
    return checkpoint
  }
}
