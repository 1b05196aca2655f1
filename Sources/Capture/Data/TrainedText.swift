package import Text

/// The data that a run trains on, with the tokenizer of its tokens.
package struct TrainedText: Sendable {
  package let data: TrainingData
  package let tokenizer: Tokenizer?

  /// Data with the tokenizer of its tokens.
  package init(data: TrainingData, tokenizer: Tokenizer?) {
    self.data = data
    self.tokenizer = tokenizer
  }
}
