import Base
import Foundation

/// Reads log-probabilities that a server gave, a JSON object at a time, and checks them against a
/// tokenizer.
///
/// - vLLM's `prompt_logprobs`: a list with null for the first token and then an object
///   `{id: {"logprob", "rank", "decoded_token"}}`, beside `prompt_token_ids`: a dumped request
///   output, or a response of its server, where both lie at the top or in each of the choices.
/// - OpenAI completions with `echo` and `logprobs`: `choices[].logprobs` with `tokens`,
///   `token_logprobs` and `top_logprobs`; a token is its text, `token_id:123` or `bytes:\xE2\x80`.
/// - Either inside `response.body`, as batch results have it.
package struct ScoredTextParser: Sendable {
  let spelling: TokenSpelling
  let vocabularySize: Int

  /// A parser for a tokenizer and a vocabulary that is at least as large.
  package init(_ tokenizer: Tokenizer, vocabularySize: Int) {
    spelling = TokenSpelling(tokenizer)
    self.vocabularySize = vocabularySize
  }

  /// The texts of a line, at least one.
  package func texts(
    _ line: ScoredLines.Line
  ) throws(ScoredTextError) -> [ScoredText] {
    do throws(ScoredTextError.Problem) {
      return try texts(line.bytes)
    } catch {
      throw ScoredTextError(line.path, line.number, error)
    }
  }

  private func texts(_ bytes: [UInt8]) throws(ScoredTextError.Problem) -> [ScoredText] {
    var root: JSONValue
    // An array has no keys to pass over, and no use.
    let isArray = bytes.first { $0 > 0x20 } == UInt8(ascii: "[")
    guard !isArray else { throw .malformed("it is \(JSONValue.array([]).kind)") }
    do throws(JSONSyntaxError) {
      // What nobody reads may be large, and is passed over.
      root = try JSONParser.parse(bytes, reading: Self.keys, infinities: true)
    } catch {
      throw .malformed("\(error)")
    }
    guard let members = root.members else { throw .malformed("it is \(root.kind)") }
    if let body = root["response"]?["body"] { root = body }
    let choices = root["choices"]?.array ?? []
    if root["prompt_logprobs"] != nil { return [try text(root, within: root)] }
    let hasEcho = choices.contains { $0["logprobs"]?["token_logprobs"] != nil }
    // vLLM's echo has both, but without the ids that go with the first.
    let hasIDs = ([root] + choices).contains { object in
      ["prompt", "prompt_token_ids"].contains { object[$0] != nil }
    }
    let isEcho = choices.contains { choice in
      if case .null? = choice["logprobs"]?["token_logprobs"]?.array?.first { true } else { false }
    }
    if choices.contains(where: { $0["prompt_logprobs"] != nil }), hasIDs || !isEcho {
      return try distinct(choices) { choice throws(ScoredTextError.Problem) in
        try text(choice, within: root)
      }
    }
    if hasEcho {
      return try distinct(choices) { choice throws(ScoredTextError.Problem) in
        try echoedText(choice)
      }
    }
    if members.contains(where: { $0.key == "prompt_logprobs" }) {
      throw .missing(
        key: "prompt_logprobs", found: "null", remedy: "ask the server for them, 50 or so")
    }
    throw .unknownLayout(keys: JSONParser.keys(of: bytes))
  }

  /// The keys of an object that are read.
  private static let keys: Set = [
    "prompt", "prompt_token_ids", "prompt_logprobs", "choices", "response",
  ]

  /// A text for each of the choices, but one for several answers to the same prompt.
  private func distinct(
    _ choices: [JSONValue],
    _ text: (JSONValue) throws(ScoredTextError.Problem) -> ScoredText
  ) throws(ScoredTextError.Problem) -> [ScoredText] {
    var texts: [ScoredText] = []
    for choice in choices {
      let next = try text(choice)
      if !texts.contains(next) { texts.append(next) }
    }
    return texts
  }

  /// A row from entries in any order, checked.
  func row(
    _ entries: [(id: Int32, logProbability: Double)], trueLogProbability: Double, at position: Int
  ) throws(ScoredTextError.Problem) -> ScoredText.Row {
    let sorted = entries.sorted { ($1.logProbability, $0.id) < ($0.logProbability, $1.id) }
    var ids: Set<Int32> = []
    for entry in sorted where !ids.insert(entry.id).inserted {
      throw .twice(position: position, id: Int(entry.id))
    }
    let possible = sorted.prefix { $0.logProbability > -.infinity }
    guard !possible.isEmpty else {
      throw .notLogProbability(position: position, found: "a row of nothing but -Infinity")
    }
    let sum = possible.reduce(0) { $0 + exp($1.logProbability) }
    guard sum <= 1.01 else { throw .tooMuchMass(position: position, sum: sum) }
    let row = ScoredText.Row(
      ids: possible.map(\.id), logProbabilities: possible.map(\.logProbability),
      trueLogProbability: trueLogProbability, impossible: sorted.count - possible.count)
    if SamplingFilter(vocabularySize: vocabularySize).hasMade(row) {
      throw .filtered(position: position)
    }
    return row
  }

  /// A text whose rows together do not look as if a filter had made them.
  func checked(_ text: ScoredText) throws(ScoredTextError.Problem) -> ScoredText {
    if let position = SamplingFilter(vocabularySize: vocabularySize).firstRow(of: text) {
      throw .filtered(position: position)
    }
    return text
  }

  /// A log-probability: a number up to 0, and a hair above, which rounding makes.
  ///
  /// Null and what no model's logits reach, such as vLLM's -9999, stand for -Infinity.
  func logProbability(
    _ value: JSONValue?, at position: Int
  ) throws(ScoredTextError.Problem) -> Double {
    let number: Double? =
      switch value {
      case .int(let whole): Double(whole)
      case .double(let number): number
      case .null: -.infinity
      default: nil
      }
    guard let number, number <= 1e-3 else {
      let found = number.map { "\($0)" } ?? value?.kind ?? "nothing"
      throw .notLogProbability(position: position, found: found)
    }
    return number <= SamplingFilter.standIn ? -.infinity : min(number, 0)
  }

  /// An id of the vocabulary.
  func id(_ id: Int, at position: Int) throws(ScoredTextError.Problem) -> Int32 {
    guard id >= 0, id < vocabularySize else {
      throw .outOfRange(position: position, id: id, vocabularySize: vocabularySize)
    }
    return Int32(id)
  }
}
