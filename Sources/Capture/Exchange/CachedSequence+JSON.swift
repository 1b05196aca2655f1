import Base
import Shards

extension CachedSequence {
  /// The sequence as a line of JSON: what `cache export --format jsonl` writes.
  ///
  /// `{"sequence", "identity" (16 hexadecimal digits), "tokens", "fragments", "loss_mask" (null
  /// when all count), "argmax", "entropy", "next_log_probability", "draws"}`, where the three
  /// before the last have an element a record. Each draw has a row a record: `{"ids", "values"}` of
  /// sparse targets, `{"log_probabilities"}` of dense ones, with null for a token that cannot
  /// follow.
  func jsonLine(number: Int) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.key("sequence")
      json.word("\(number)")
      json.key("identity")
      json.string(identity.hexadecimal)
      json.key("tokens")
      json.integers(tokens)
      json.key("fragments")
      json.integers(fragments)
      json.key("loss_mask")
      if let lossMask { json.array(lossMask) { $0.word($1 ? "true" : "false") } }
      if lossMask == nil { json.word("null") }
      targets.appendScalars(to: &json)
      json.key("draws")
      json.array(draws) { json, draw in json.object { draw.appendRows(to: &$0) } }
    }
    return json.line()
  }
}

extension Targets {
  /// The keys with one number a record, the same in every draw.
  fileprivate func appendScalars(to json: inout JSONWriter) {
    let (argmax, entropy, next) = scalars
    json.key("argmax")
    json.integers(argmax)
    json.key("entropy")
    json.numbers(entropy)
    json.key("next_log_probability")
    json.numbers(next)
  }

  /// The keys with a row a record.
  fileprivate func appendRows(to json: inout JSONWriter) {
    switch self {
    case .sparse(let targets):
      json.key("ids")
      json.array(0..<targets.count) { $0.integers(targets.ids[targets.entries(of: $1)]) }
      json.key("values")
      json.array(0..<targets.count) { $0.numbers(targets.values[targets.entries(of: $1)]) }
    case .dense(let targets):
      let V = targets.vocabularySize
      json.key("log_probabilities")
      json.array(0..<targets.count) {
        $0.numbers(targets.logProbabilities[($1 * V)..<(($1 + 1) * V)])
      }
    }
  }

  /// The scalars that every codec stores once a record.
  var scalars: (argmax: [Int32], entropy: [Float], nextLogProbability: [Float]) {
    switch self {
    case .sparse(let targets): (targets.argmax, targets.entropy, targets.nextLogProbability)
    case .dense(let targets): (targets.argmax, targets.entropy, targets.nextLogProbability)
    }
  }
}
