extension Tokenizer {
  /// What is to be known where this tokenizer is used with a model that was trained with another one.
  ///
  /// - Parameters:
  ///   - own: The model's own tokenizer.
  ///   - model: What the model is called.
  /// - Returns: How many ids stand for other text, as one phrase; nil where all mean the same.
  public func note(inPlaceOf own: Tokenizer, of model: String) -> String? {
    guard fingerprint != own.fingerprint else { return nil }
    let count = max(vocabularySize, own.vocabularySize)
    let others = (0..<Int32(count)).count { bytes(of: $0) != own.bytes(of: $0) }
    guard others > 0 else { return nil }
    return "\(others) of \(count) ids stand for other text than in the tokenizer of \(model)"
  }
}
