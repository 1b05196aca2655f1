import Base

/// Reading a Hugging Face tokenizer.json.
extension TokenizerDefinition {
  private static let readKeys: Set = [
    "model", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder",
  ]

  /// Reads the text of a tokenizer.json.
  init(json: [UInt8], source: String) throws {
    let value: JSONValue
    do throws(JSONSyntaxError) {
      value = try JSONParser.parse(json, reading: Self.readKeys)
    } catch {
      throw TokenizerError.malformedJSON(source: source, reason: "\(error)")
    }
    try self.init(JSONNode(value: value, source: source, path: ""))
  }

  private init(_ top: JSONNode) throws {
    let model = try top.required("model")
    try Self.checkModel(model)
    try Self.checkDecoder(top.child("decoder"))
    self.init(
      source: top.source, vocabulary: try Self.vocabulary(model), merges: [],
      addedTokens: try top.child("added_tokens")?.elements().map { try AddedToken($0) } ?? [],
      preTokenizer: try PreTokenizer(top.child("pre_tokenizer"), source: top.source))
    normalizers = try Normalizer.steps(top.child("normalizer"))
    template = try SpecialTokenTemplate(top.child("post_processor"))
    ignoresMerges = try model.flag("ignore_merges", absent: false)
    fusesUnknown = try model.flag("fuse_unk", absent: false)
    let table = try contentTable()
    merges = try Self.merges(Self.pairs(model), in: table, source: source)
    try readUnknown(model, table)
  }

  private static func checkModel(_ model: JSONNode) throws {
    let type = try model.child("type")?.text() ?? "BPE"
    guard type == "BPE" else { throw model.unsupported("the model", type, supported: "type BPE") }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let text = try model.child(key)?.text(), !text.isEmpty {
        throw model.unsupported("the \(key)", text, supported: "none")
      }
    }
    if let dropout = model.child("dropout"), dropout.value.integer != 0 {
      throw model.unsupported("the dropout", "of merges", supported: "dropout null")
    }
  }

  private static func checkDecoder(_ decoder: JSONNode?) throws {
    guard let decoder else { return }
    let type = try decoder.required("type").text()
    if type == "Sequence" {
      return try decoder.required("decoders").elements().forEach { try checkDecoder($0) }
    }
    guard type == "ByteLevel" else {
      throw decoder.unsupported("the decoder", type, supported: "the decoder ByteLevel")
    }
  }

  private static func vocabulary(_ model: JSONNode) throws -> [Entry] {
    let vocabulary = try model.required("vocab")
    return try vocabulary.members().map { member in
      guard let id = member.value.integer.flatMap(Int32.init(exactly:)), ids.contains(id) else {
        throw TokenizerError.vocabulary(
          source: model.source,
          reason: "the token '\(member.key)' has no id from 0 to \(ids.upperBound - 1)")
      }
      return Entry(content: member.key, id: id)
    }
  }

  /// The merges, written as "a b" or as ["a", "b"].
  private static func pairs(_ model: JSONNode) throws -> [(String, String)] {
    let merges = try model.required("merges")
    guard let elements = merges.value.array else { throw merges.wrongKind("an array") }
    return try elements.enumerated().map { index, element in
      let parts = element.string.map(split) ?? element.array?.compactMap(\.string) ?? []
      guard parts.count == 2 else {
        throw TokenizerError.merge(
          source: model.source, index: index, reason: "is not two tokens")
      }
      return (parts[0], parts[1])
    }
  }

  /// The parts of a merge between single spaces.
  static func split(_ merge: String) -> [String] {
    merge.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private mutating func readUnknown(_ model: JSONNode, _ table: TokenTable) throws {
    if let unknown = try model.child("unk_token")?.text() {
      guard let id = table.id(of: Array(unknown.utf8).span) else {
        throw invalid("the unk_token '\(unknown)' is not in it")
      }
      unknownID = id
    }
    guard try model.flag("byte_fallback", absent: false) else { return }
    let known = Set(
      vocabulary.compactMap { ByteAlphabet.bytes(of: $0.content) }.filter { $0.count == 1 })
    guard known.count == 256 else {
      throw model.unsupported(
        "byte_fallback", "true", supported: "byte_fallback false, or all 256 bytes present,")
    }
  }
}
