import Text

/// What a run trains on, with the tokenizer of its tokens.
public struct TrainedText: Sendable {
  let data: TrainingData
  let tokenizer: Tokenizer?
}
