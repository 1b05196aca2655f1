import Foundation

/// A prompt with log-probabilities as servers give them, made up, for tests to spoil.
public struct ServedPrompt {
  /// The text.
  public var text: String
  /// Its token ids.
  public var tokens: [Int32]
  /// The most probable tokens of each position but the first; the true one is added to them.
  public var rows: [[(id: Int32, logProbability: Double)]]
  private let name: (Int32) -> String

  /// A prompt with k entries a position out of a vocabulary, drawn under a seed.
  ///
  /// The probabilities of a position are 1/2, 1/4, … in an order of ids that depends on it.
  public init(
    _ text: String, tokens: [Int32], entries: Int, vocabulary: Int, seed: Int = 1,
    name: @escaping (Int32) -> String
  ) {
    self.text = text
    self.tokens = tokens
    self.name = name
    rows = tokens.indices.dropFirst().map { position in
      (0..<entries).map { rank in
        let id = (seed * 31 + position * 17 + rank * 7) % vocabulary
        return (Int32(id), -Double(rank + 1) * 0.6931471805599453)
      }
    }
  }

  /// The log-probability of the true token of a row: its entry's, or a small one.
  public func trueLogProbability(_ row: Int) -> Double {
    rows[row].first { $0.id == tokens[row + 1] }?.logProbability ?? -12.5
  }

  /// All entries of a row, the true token first.
  private func all(_ row: Int) -> [(id: Int32, logProbability: Double, rank: Int)] {
    let token = tokens[row + 1]
    let ranked = rows[row].enumerated().map { ($1.id, $1.logProbability, $0 + 1) }
    let own = ranked.first { $0.0 == token } ?? (token, trueLogProbability(row), 77)
    return [own] + ranked.filter { $0.0 != token }
  }

  /// vLLM's request output.
  public var promptLogProbabilities: [String: Any] {
    var list: [Any] = [NSNull()]
    for row in rows.indices {
      list.append(
        Dictionary(
          uniqueKeysWithValues: all(row).map { entry in
            (
              "\(entry.id)",
              [
                "logprob": entry.logProbability, "rank": entry.rank,
                "decoded_token": name(entry.id),
              ] as [String: Any]
            )
          }))
    }
    return ["prompt": text, "prompt_token_ids": tokens, "prompt_logprobs": list]
  }

  /// A completion with echo, its tokens as texts or as `token_id:` and the number.
  public func echo(asIDs: Bool) -> [String: Any] {
    let write: (Int32) -> String = { asIDs ? "token_id:\($0)" : name($0) }
    let top = rows.indices.map { row in
      Dictionary(all(row).map { (write($0.id), $0.logProbability) }) { first, _ in first }
    }
    let own = rows.indices.map { trueLogProbability($0) }
    return [
      "object": "text_completion",
      "choices": [
        [
          "text": text,
          "logprobs": [
            "tokens": tokens.map(write), "token_logprobs": [NSNull()] + own as [Any],
            "top_logprobs": [NSNull()] + top as [Any],
          ] as [String: Any],
        ] as [String: Any]
      ],
    ]
  }

  /// An object as a line of JSON.
  public static func line(_ object: [String: Any]) throws -> String {
    String(
      decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys),
      as: UTF8.self)
  }
}
