import Base

/// vLLM's `prompt_logprobs`.
extension ScoredTextParser {
  /// The text of an object that has them; its token ids are in it, or in the whole response.
  func text(
    _ object: JSONValue, within root: JSONValue
  ) throws(ScoredTextError.Problem) -> ScoredText {
    guard let rows = object["prompt_logprobs"]?.array else {
      throw .missing(
        key: "prompt_logprobs", found: object["prompt_logprobs"]?.kind ?? "null",
        remedy: "ask the server for them, 50 or so")
    }
    let tokens = try promptTokens(object, root)
    guard tokens.count == rows.count else {
      throw .lengths("prompt_logprobs", rows.count, "prompt_token_ids", tokens.count)
    }
    if let prompt = (object["prompt"] ?? root["prompt"])?.string {
      try spelling.check(tokens, areThoseOf: prompt)
    }
    var text = ScoredText(tokens: tokens, rows: [])
    for position in tokens.indices.dropFirst() {
      text.rows.append(try row(rows[position], true: tokens[position], at: position))
    }
    return try checked(text)
  }

  /// The ids that the server used, or else those of the prompt's text.
  private func promptTokens(
    _ object: JSONValue, _ root: JSONValue
  ) throws(ScoredTextError.Problem) -> [Int32] {
    let prompt = object["prompt"] ?? root["prompt"]
    let listed = object["prompt_token_ids"] ?? root["prompt_token_ids"] ?? prompt
    if let listed = listed?.array {
      var tokens: [Int32] = []
      for (position, value) in listed.enumerated() {
        guard let number = value.integer else {
          throw .missing(
            key: "prompt_token_ids", found: "a list with \(value.kind) in it",
            remedy: "give one list of ids a prompt")
        }
        tokens.append(try id(number, at: position))
      }
      return tokens
    }
    guard let text = prompt?.string else {
      throw .missing(
        key: "prompt_token_ids", found: "absent",
        remedy: "ask the server for them (\"return_token_ids\": true)")
    }
    return try spelling.tokens(of: text)
  }

  private func row(
    _ value: JSONValue, true token: Int32, at position: Int
  ) throws(ScoredTextError.Problem) -> ScoredText.Row {
    guard let members = value.members else {
      throw .noTrueToken(position: position, id: Int(token))
    }
    var (entries, best) = ([(id: Int32, logProbability: Double)](), Int.max)
    var trueLogProbability: Double?
    for member in members {
      guard let number = Int(member.key) else {
        throw .noSuchToken(position: position, text: member.key)
      }
      let entry = (
        id: try id(number, at: position),
        // Early versions gave the bare number.
        logProbability: try logProbability(
          member.value.members?.first { $0.key == "logprob" }?.value
            ?? (member.value.members == nil ? member.value : nil), at: position)
      )
      if let found = member.value["decoded_token"]?.string {
        try spelling.check(found, isTextOf: entry.id, at: position)
      }
      if entry.id == token { trueLogProbability = entry.logProbability }
      best = min(best, member.value["rank"]?.integer ?? 1)
      entries.append(entry)
    }
    guard let trueLogProbability else {
      throw .noTrueToken(position: position, id: Int(token))
    }
    // Equals share the worst of their ranks.
    guard best <= entries.count else { throw .notTheTop(position: position, rank: best) }
    return try row(entries, trueLogProbability: trueLogProbability, at: position)
  }
}
