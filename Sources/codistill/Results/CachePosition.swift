import Reports

/// The record of one position of a cache. (`cache inspect --position`)
struct CachePosition: Encodable {
  /// A stored token of the teacher's distribution.
  struct Entry: Encodable {
    /// The token's id.
    var id: Int
    /// The token's text; nil without a tokenizer.
    var text: String?
    /// The stored estimate of its probability; nil for a token that is not stored.
    var probability: Double?
  }

  /// The position, counted over the whole cache.
  var position: Int
  /// The sequence that holds it.
  var sequence: Int
  /// The token there.
  var token: Entry
  /// The token that follows in the text.
  var next: Entry
  /// The token that the teacher finds most probable; drawn targets need not hold it.
  var argmax: Entry
  /// The log-probability of the next token, in nats.
  var nextLogProbability: Double
  /// The entropy of the teacher's distribution, in nats.
  var entropy: Double
  /// The stored tokens, the likeliest first.
  var entries: [Entry]

  /// The record for people.
  var text: String {
    var table = Table([.numbers("id"), .words("token"), .numbers("probability")])
    for entry in entries {
      let probability = entry.probability.map { Figures.decimal($0, places: 5) } ?? ""
      table.append(["\(entry.id)", entry.text?.debugDescription ?? "", probability])
    }
    return """
      position \(position), in sequence \(sequence): after \(token.name) comes \(next.name)
      most probable \(argmax.name), log-probability \(Figures.decimal(nextLogProbability)), entropy \
      \(Figures.decimal(entropy)) nats

      """ + table.text
  }
}

extension CachePosition.Entry {
  /// The token in a sentence.
  fileprivate var name: String { text.map { "\($0.debugDescription) (\(id))" } ?? "\(id)" }
}
