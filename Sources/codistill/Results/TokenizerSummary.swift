/// The ids of a text. (`tokenizer encode`)
struct EncodedText: Encodable {
  /// The token ids.
  var ids: [Int]
  /// How many there are.
  var tokens: Int

  init(ids: [Int]) {
    self.ids = ids
    tokens = ids.count
  }

  /// The ids with commas, as `--ids` and `logits --tokens` take them.
  var text: String { ids.map(String.init).joined(separator: ",") }
}

/// A text. (`tokenizer decode`, `generate`)
struct DecodedText: Encodable {
  /// The text.
  var text: String
  /// The ids of its tokens.
  var ids: [Int]
}

/// A tokenizer that was trained. (`tokenizer train`)
struct TrainedTokenizer: Encodable {
  /// The file it was written to.
  var output: String
  /// V, the number of token ids.
  var vocabSize: Int
  /// The SHA-256 of the tokenizer.
  var sha256: String

  /// The summary for people.
  var text: String { "\(output): \(vocabSize) tokens, SHA-256 \(sha256)" }
}

/// Logits that were written to a file. (`logits`)
struct LogitsSummary: Encodable {
  /// The file.
  var output: String
  /// The rows, one for each input token.
  var tokens: Int
  /// The columns.
  var vocabSize: Int

  /// The summary for people.
  var text: String { "\(output): logits, float32, \(tokens) × \(vocabSize)" }
}
