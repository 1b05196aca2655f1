import Models

extension DecoderConfig {
  /// Throws where a token is not one of the model's.
  func requireIDs(_ tokens: [Int32]) throws(CommandError) {
    guard let id = tokens.first(where: { $0 < 0 || Int($0) >= vocabSize }) else { return }
    throw .outOfRange("token id \(id) is outside the model's vocabulary of \(vocabSize)")
  }
}
