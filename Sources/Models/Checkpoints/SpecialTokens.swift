import Base
import Foundation

/// The texts of a model's special tokens, looked up in a `tokenizer.json` by their ids.
struct SpecialTokens {
  /// The role of each token (`bos_token`, `eos_token`, `pad_token`) and its text.
  let texts: [String: String]

  /// Finds the tokens that the config names.
  ///
  /// - Throws: `CheckpointError.badTokenizer` when the file is no JSON.
  init(_ tokenizer: SavedTokenizer, _ config: DecoderConfig) throws {
    let ends = config.eosTokenIds
    let end = tokenizer.eos.map(Int.init).flatMap { ends.contains($0) ? $0 : nil } ?? ends.first
    let ids = [
      "bos_token": config.bosTokenId, "eos_token": end, "pad_token": config.padTokenId,
    ].compactMapValues { $0 }
    let found: [Int: String]
    do {
      found = try tokenizer.json.withUnsafeBytes { try Self.find(Set(ids.values), in: $0) }
    } catch let error as JSONSyntaxError {
      throw CheckpointError.badTokenizer(
        file: "tokenizer.json", problem: "breaks at byte \(error.offset): \(error.problem)")
    } catch let error as JSONDuplicateKey {
      throw CheckpointError.badTokenizer(
        file: "tokenizer.json", problem: "has the key \(error.key) twice")
    }
    texts = ids.compactMapValues { found[$0] }
  }

  /// The `special_tokens_map.json`.
  var map: JSONValue { .object(texts.mapValues(JSONValue.string)) }

  /// The `tokenizer_config.json`, which has transformers take `tokenizer.json` as it is.
  func tokenizerConfig(_ config: DecoderConfig) -> JSONValue {
    let fixed: [String: JSONValue] = [
      "tokenizer_class": .string("PreTrainedTokenizerFast"),
      "clean_up_tokenization_spaces": .bool(false),
      "model_max_length": .int(config.maxPositionEmbeddings),
      // Said, lest a reader guess one from the tokens' names.
      "bos_token": .null, "eos_token": .null, "pad_token": .null,
    ]
    return .object(fixed.merging(texts.mapValues(JSONValue.string)) { $1 })
  }

  // Only from the added tokens: transformers would cut an ordinary token out of every text if it
  // were declared special. A pull parser, as the vocabulary may hold canonically equivalent keys.
  private static func find(
    _ ids: Set<Int>, in bytes: UnsafeRawBufferPointer
  ) throws -> [Int: String] {
    var (scanner, texts) = (JSONScanner(bytes), [Int: String]())
    scanner.checksAllKeys = true
    try scanner.object { scanner, key in
      guard key == "added_tokens" else { return try scanner.skipValue(depth: 64) }
      try scanner.array { scanner in
        var judged = scanner
        try judged.skipValue(depth: 4)
        let token = try scanner.value(depth: 4)
        guard let id = token["id"]?.integer, ids.contains(id) else { return }
        texts[id] = token["content"]?.string
      }
    }
    return texts
  }
}
